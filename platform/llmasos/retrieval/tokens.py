"""Counting with the embedding model's own tokenizer, without loading the model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tokenizers import Tokenizer

from llmasos.inference import catalogue
from llmasos.inference.models import ModelTask


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """Counts tokens of text; ``limit`` is what the model reads of one text, its special tokens left out."""

    tokenizer: Tokenizer
    limit: int

    def count(self, text: str) -> int:
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def counts(self, texts: list[str]) -> list[int]:
        return [len(encoding.ids) for encoding in self.tokenizer.encode_batch(texts, add_special_tokens=False)]

    def ends(self, text: str) -> list[int]:
        """Return where in the text each token ends, in characters."""
        return [end for _, end in self.tokenizer.encode(text, add_special_tokens=False).offsets]

    def beginning(self, text: str, *, tokens: int) -> str:
        """Return as much of the beginning of ``text`` as fits into ``tokens``."""
        ends = self.ends(text)
        return text if len(ends) <= tokens else text[: ends[tokens - 1]]


def counter() -> TokenCounter:
    """Return the counter of the default embedding model. Raises ``ModelUnavailable`` where it is not installed."""
    entry = catalogue.resolve("", task=ModelTask.EMBED)
    return _loaded(str(catalogue.path_of(entry.source)), entry.context_tokens or 256)


@lru_cache(maxsize=4)
def _loaded(folder: str, context: int) -> TokenCounter:
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return TokenCounter(tokenizer, context - tokenizer.num_special_tokens_to_add(is_pair=False))
