"""Hints: places of the course's material, from where to look to what it says, the answer itself last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from llmasos.accounts.principals import system_principal
from llmasos.answering.words import content_forms
from llmasos.retrieval import queries as retrieval
from tutor.learning.passages import NEAR_ENOUGH, PassageView, passages_of, sentences_of
from tutor.models import Exercise

PASSAGES: Final = 2
MOST_TOLD: Final = 0.25
"""A sentence with more than this share of the reference's words gives the answer away and comes last."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A place of the material, with a sentence of it or without."""

    passage: PassageView
    quote: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    chunk: int
    start: int
    end: int
    near: float
    told: float


def find_hints(exercise: Exercise) -> list[dict[str, Any]]:
    """Return the steps for an exercise as they are kept; none where the material has nothing near.

    The first names a place. The next quotes a sentence that is about the question and tells little of the answer; the
    last one the sentence that tells most. Raises what the model service raises.
    """
    if exercise.course.collection_id is None:
        return []
    found = retrieval.search(
        system_principal(exercise.organisation_id),
        collection_ids=[exercise.course.collection_id],
        query=" ".join([exercise.prompt, *exercise.references]),
        k=PASSAGES,
    )
    hits = [hit for hit in found.hits if hit.dense >= NEAR_ENOUGH]
    if not hits:
        return []
    sentences = [one for hit in hits for one in _sentences(exercise, hit.chunk_id, hit.text)]
    steps: list[dict[str, Any]] = [{"chunk": hits[0].chunk_id}]
    discreet = [one for one in sentences if one.told <= MOST_TOLD and one.near > 0]
    telling = [one for one in sentences if one.told > MOST_TOLD]
    if discreet:
        steps.append(_step(max(discreet, key=lambda one: (one.near, -one.told))))
    if telling:
        steps.append(_step(max(telling, key=lambda one: (one.told, one.near))))
    return steps


def hints_of(exercise: Exercise, count: int) -> list[Hint]:
    """Return the first ``count`` hints, as far as their places are still in the material."""
    steps: Sequence[dict[str, Any]] = (exercise.hints or [])[:count]
    passages = passages_of(exercise.course, [one["chunk"] for one in steps])
    return [
        Hint(passages[one["chunk"]], passages[one["chunk"]].text[one["start"] : one["end"]] if "start" in one else "")
        for one in steps
        if one["chunk"] in passages
    ]


def _sentences(exercise: Exercise, chunk_id: int, text: str) -> list[_Sentence]:
    asked = set(content_forms(exercise.prompt))
    wanted = {word for reference in exercise.references for word in content_forms(reference)} - asked
    return [
        _Sentence(
            chunk_id,
            one.start,
            one.end,
            near=len(one.words & (asked | wanted)) / len(one.words),
            told=len(one.words & wanted) / len(wanted) if wanted else 0.0,
        )
        for one in sentences_of(text)
    ]


def _step(sentence: _Sentence) -> dict[str, Any]:
    return {"chunk": sentence.chunk, "start": sentence.start, "end": sentence.end}
