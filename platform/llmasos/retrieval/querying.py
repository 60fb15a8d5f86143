"""Turning a question, long or short, alone or after others, into what both legs of search compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmasos.accounts.principals import Principal
from llmasos.inference import services as inference
from llmasos.inference.types import Message, Priority
from llmasos.retrieval import chunking, languages, synonyms
from llmasos.retrieval.tokens import TokenCounter, counter

MAX_CHARACTERS = 60_000
Query = str | Sequence[Message]
Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PreparedQuery:
    """A question ready for search.

    ``vector`` is the mean of ``last`` (the last turn) and ``conversation`` (the latest turns first, as far as the model
    reads); for a single question all three are one. A long turn is the mean of its windows' vectors: inner products
    with a mean are mean similarities, so one vector serves the index.
    """

    text: str
    vector: Vector
    last: Vector
    conversation: Vector
    spaced_text: str
    unspaced_terms: tuple[str, ...]
    unspaced_weights: tuple[float, ...]
    expanded_terms: tuple[str, ...]
    expanded_weights: tuple[float, ...]


def prepare(
    principal: Principal, queries: Sequence[Query], *, priority: Priority = Priority.INTERACTIVE
) -> list[PreparedQuery]:
    """Embed questions in one call, for one who may search.

    Raises:
        ValueError: a question is empty.
        InferenceError: they could not be embedded.
    """
    count = counter()
    texts: list[str] = []
    plans: list[tuple[str, range, range]] = []
    for query in queries:
        turns = turns_of(query)
        last = _take(texts, chunking.windows(turns[-1], counter=count))
        whole = _take(texts, [_latest_first(turns, counter=count)]) if len(turns) > 1 else last
        plans.append((turns[-1], last, whole))
    if not texts:
        return []
    vectors = inference.embed(principal.allowed_for_it("embed"), texts, priority=priority).vectors
    prepared = []
    for text, last_rows, whole_rows in plans:
        last_vector = vectors[last_rows.start : last_rows.stop].mean(axis=0)
        whole_vector = vectors[whole_rows.start : whole_rows.stop].mean(axis=0)
        prepared.append(prepared_from(text, last=last_vector, conversation=whole_vector))
    return prepared


def prepared_from(text: str, *, last: Vector, conversation: Vector) -> PreparedQuery:
    """Return a prepared query from vectors that are known already."""
    terms = languages.unspaced_terms(text)
    expanded = synonyms.expanded_terms(text)
    return PreparedQuery(
        text=text,
        vector=((last + conversation) / 2).astype(np.float32),
        last=last,
        conversation=conversation,
        spaced_text=languages.spaced_part(text),
        unspaced_terms=tuple(terms),
        unspaced_weights=tuple(languages.term_weight(term) for term in terms),
        expanded_terms=tuple(expanded),
        expanded_weights=tuple(expanded.values()),
    )


def turns_of(query: Query) -> list[str]:
    """Return the turns of a conversation up to the last thing the person said."""
    if isinstance(query, str):
        turns = [query]
    else:
        spoken = [message for message in query if message.role in {"user", "assistant"} and message.content.strip()]
        while spoken and spoken[-1].role != "user":
            spoken.pop()
        turns = [message.content for message in spoken]
    turns = [turn.replace("\x00", "")[:MAX_CHARACTERS] for turn in turns]
    if not turns or not turns[-1].strip():
        raise ValueError("the question is empty")
    return turns


def _latest_first(turns: Sequence[str], *, counter: TokenCounter) -> str:
    # A few characters a token: more cannot be read anyway.
    text = "\n".join(reversed(turns))[: counter.limit * 12]
    return counter.beginning(text, tokens=counter.limit)


def _take(texts: list[str], more: Sequence[str]) -> range:
    start = len(texts)
    texts.extend(more)
    return range(start, len(texts))
