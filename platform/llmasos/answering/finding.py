"""From a conversation to evidence: search, similarities, signals, and the sentences to quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.answering import evidence, quoting, screening, words
from llmasos.answering.evidence import Decision, Parameters, Signals
from llmasos.answering.queries import parameters_for
from llmasos.answering.types import Evidence, Passage, ShownSentence
from llmasos.inference import services as inference
from llmasos.inference.types import Message
from llmasos.retrieval import queries as retrieval
from llmasos.retrieval import querying
from llmasos.retrieval.models import DIMENSIONS

HITS = 30
PASSAGES = 5
# Passages this close to the best one compete with it.
RIVAL_WITHIN = 0.06
RANKED = 10
EMPTY = Evidence(Decision.ABSTAIN, 0.0, None, ())


@dataclass(frozen=True, slots=True)
class Found:
    """The evidence, and for each of its first passages the position of the sentence nearest to the question."""

    evidence: Evidence
    quote: tuple[ShownSentence, ...] = ()
    nearest: tuple[int, ...] = ()


def find(principal: Principal, *, collection_ids: Sequence[UUID], messages: Sequence[Message]) -> Found:
    """Search with the conversation and judge what was found. Raises what the model service raises."""
    question = messages[-1].content.strip()
    (prepared,) = querying.prepare(principal, [list(messages)])
    result = retrieval.search_prepared(principal, collection_ids=collection_ids, prepared=prepared, k=HITS)
    hits = [hit for hit in result.hits if screening.usable(hit.text).strip()]
    if not hits:
        return Found(EMPTY)
    passages = tuple(
        Passage(
            n=number,
            chunk_id=str(hit.chunk_id),
            document_id=str(hit.document_id),
            external_id=hit.external_id,
            title=hit.title,
            heading=" › ".join(hit.heading_path),
            url=hit.url,
            text=screening.usable(hit.text),
        )
        for number, hit in enumerate(hits[:PASSAGES], start=1)
    )
    texts = [passage.text for passage in passages]
    candidates = quoting.candidates(question, texts, [passage.title for passage in passages])
    vectors = _vectors(principal, [candidate.text for candidate in candidates])
    alone = [float(value) for value in vectors @ prepared.last]
    near = [float(value) for value in vectors @ prepared.vector]
    similarities = [hit.dense for hit in hits]
    best, margin = evidence.standing_out(similarities)
    titled = [f"{passage.title}\n{passage.heading}\n{passage.text}" for passage in passages]
    signals = Signals(
        similarity=best,
        margin=margin,
        coverage=evidence.coverage(question, titled),
        sentence=max(alone, default=0.0),
    )
    subjects = competing([hit.title for hit in hits[:PASSAGES]], similarities[:PASSAGES])
    with acting_in(principal.organisation_id):
        parameters = parameters_for(principal.organisation_id, collection_ids)
    score = evidence.score(signals, parameters)
    if words.is_chinese(question) and not signals.coverage:
        # The default embedding model tells Chinese texts poorly apart: without one shared character nothing is known.
        score = 0.0
    decision = _decision(score, question, messages, subjects, parameters)
    chosen = quoting.choose(candidates, near)
    if decision is Decision.ANSWER and not chosen:
        decision = Decision.ABSTAIN
    quote = tuple(ShownSentence(one.text, (one.passage + 1,), quoted=True) for one in chosen)
    ranked = tuple(dict.fromkeys(hit.external_id for hit in result.hits))[:RANKED]
    return Found(
        Evidence(decision, score, signals, passages, ranked, subjects),
        quote if decision is Decision.ANSWER else (),
        _nearest(candidates, near),
    )


def competing(titles: Sequence[str], similarities: Sequence[float]) -> tuple[str, ...]:
    """Return the different titles of the passages that are about as near as the best one."""
    best = max(similarities, default=0.0)
    close = (title for title, value in zip(titles, similarities, strict=True) if value >= best - RIVAL_WITHIN)
    return tuple(dict.fromkeys(title.strip() for title in close if title.strip()))[:3]


def _vectors(principal: Principal, texts: Sequence[str]) -> querying.Vector:
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    return inference.embed(principal.allowed_for_it("embed"), texts).vectors


def _decision(
    score: float, question: str, messages: Sequence[Message], subjects: Sequence[str], parameters: Parameters
) -> Decision:
    if len(messages) == 1 and not words.content_forms(question):
        # "How does it work?" as a first message names nothing.
        return Decision.CLARIFY
    return evidence.decide(score, rivals=len(subjects), parameters=parameters)


def _nearest(candidates: Sequence[quoting.Candidate], near: Sequence[float]) -> tuple[int, ...]:
    best: dict[int, tuple[float, int]] = {}
    for candidate, value in zip(candidates, near, strict=True):
        best[candidate.passage] = max(best.get(candidate.passage, (-1.0, 0)), (value, candidate.position))
    return tuple(max(best.get(index, (0.0, 0))[1], 0) for index in range(quoting.PASSAGES))
