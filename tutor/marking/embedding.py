"""Vectors of answers, from the model service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import connection

from llmasos.accounts.principals import system_principal
from llmasos.inference import services as inference
from llmasos.inference.types import EmbeddingResult, Priority

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMBED_TEXTS: Final = 512
PARTS_UNDER_WAY: Final = 2


@dataclass(slots=True)
class Embedder:
    """Embeds texts for an organisation, each once; ``digest`` is of the model that did."""

    organisation_id: UUID
    digest: str = ""
    _known: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text [texts, dimensions]."""
        import numpy as np

        missing = [one for one in dict.fromkeys(texts) if one not in self._known]
        parts = [missing[start : start + EMBED_TEXTS] for start in range(0, len(missing), EMBED_TEXTS)]
        for part, result in zip(parts, self._results(parts), strict=True):
            self.digest = result.model_digest
            self._known.update(zip(part, result.vectors, strict=True))
        return np.stack([self._known[one] for one in texts])

    def _results(self, parts: Sequence[Sequence[str]]) -> Iterator[EmbeddingResult]:
        """Yield the result of each part; the model service has the next one while the last is on its way back."""
        embed = partial(inference.embed, system_principal(self.organisation_id), priority=Priority.BULK)
        if len(parts) < PARTS_UNDER_WAY or connection.in_atomic_block:
            yield from map(embed, parts)
            return

        def apart(part: Sequence[str]) -> EmbeddingResult:
            try:
                return embed(part)
            finally:
                connection.close()

        with ThreadPoolExecutor(PARTS_UNDER_WAY) as pool:
            yield from pool.map(apart, parts)
