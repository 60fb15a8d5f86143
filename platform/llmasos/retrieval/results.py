"""What search returns."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit stands where it stands.

    ``dense``, ``dense_last`` and ``dense_conversation`` are cosine similarities to the question, its last turn and the
    conversation; ``lexical`` is the BM25 score, ``lexical_share`` its part of the most that the question's words
    could give (0 to 1), and ``lexical_weight`` the share of the lexical leg in the score.
    """

    dense: float
    dense_last: float
    dense_conversation: float
    lexical: float
    lexical_share: float
    lexical_weight: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, best first by ``score``."""

    chunk_id: int
    document_id: UUID
    collection_id: UUID
    external_id: str
    title: str
    heading_path: tuple[str, ...]
    text: str
    url: str
    position: int
    score: float
    dense: float
    lexical: float
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of one question, and the best similarity of each kind over all of them (0 without hits)."""

    hits: tuple[Hit, ...]
    best_dense: float = 0.0
    best_dense_last: float = 0.0
    best_dense_conversation: float = 0.0
    best_lexical_share: float = 0.0
