"""Where the global model of this installation lies, and the one that comes with the project."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tutor.engine.model import GlobalModel, load

PACKAGED = Path(__file__).parent / "weights" / "short-answers.skops"


@lru_cache(maxsize=2)
def default() -> GlobalModel:
    """Return the packaged model of verdicts on short answers. Raises ModelFileError where it cannot be used."""
    return load(PACKAGED)
