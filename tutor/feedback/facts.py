"""What is known of an answer that feedback may stand on: its mark or its proposal, the rubric, material, comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from llmasos.accounts.principals import system_principal
from llmasos.answering.screening import usable
from llmasos.answering.sentences import split
from llmasos.answering.words import content_forms
from llmasos.inference.errors import InferenceError
from llmasos.retrieval import queries as retrieval
from tutor.feedback.composing import Cited, Facts, Met, Open
from tutor.marking.points import level_points
from tutor.marking.shown import proposed_levels
from tutor.models import Answer, Comment, Mark, Proposal, Question
from tutor.results.assembling import agreed_evidence

HITS: Final = 3
COMMON: Final = 2
"""A sentence of the material is cited for a criterion when it has so many of its words."""

_REPEATED: Final = 0.4


@dataclass(frozen=True, slots=True)
class Basis:
    """On which levels a draft stands: those of the mark that counts, else the proposed ones."""

    levels: Mapping[str, str]
    evidence: Mapping[str, Mapping[str, Any]]
    mark_id: UUID | None


def basis_of(answer: Answer, mark: Mark | None, proposal: Proposal | None) -> Basis | None:
    """Return what there is to draft from; None where neither mark nor proposal has levels of the present rubric."""
    if mark is not None:
        if mark.rubric_id != answer.question.rubric_id or not mark.levels:
            return None
        return Basis(mark.levels, agreed_evidence(answer, mark), mark.pk)
    if proposal is None or proposal.decision != Proposal.Decision.PROPOSED:
        return None
    levels = proposed_levels(proposal)
    return Basis(levels, {str(one["criterion"]): one for one in proposal.criteria}, None) if levels else None


def facts_of(
    answer: Answer,
    basis: Basis,
    *,
    cited: Mapping[str, Cited],
    comments: Mapping[str, tuple[UUID, str]],
    earlier: tuple[str, ...],
) -> Facts:
    """Return the facts of one answer; ``cited`` and ``comments`` are by criterion, ``earlier`` are sentences."""
    question = answer.question
    criteria = question.rubric.criteria if question.rubric is not None else []
    table = level_points(criteria, maximum=question.points)
    met: list[Met] = []
    missed: list[Open] = []
    for criterion in criteria:
        key = str(criterion["id"])
        if key not in basis.levels:
            continue
        given = table[key]
        reached = given.get(basis.levels[key], 0)
        known = basis.evidence.get(key, {})
        above = sorted(
            (one for one in criterion["levels"] if given[one["id"]] > reached), key=lambda one: given[one["id"]]
        )
        if not above:
            start, end = known.get("start"), known.get("end")
            located = start is not None and end is not None
            met.append(Met(criterion["text"], answer.text[start:end] if located else ""))
        else:
            missed.append(
                Open(
                    criterion["text"],
                    missing=tuple(
                        word for word in map(str, known.get("missing", ())) if not _repeats(word, criterion["text"])
                    ),
                    better=str(above[0].get("description", "")),
                    cited=cited.get(key),
                    comment=comments[key][1] if key in comments else "",
                )
            )
    return Facts(tuple(met), tuple(missed), earlier)


def _repeats(words: str, criterion: str) -> bool:
    """Whether missing words are most of the criterion itself: the engine names it where it knows no single words."""
    plain = words.strip(" .。").casefold()
    return plain in criterion.casefold() and len(plain) > _REPEATED * len(criterion)


def cited_for(question: Question) -> dict[str, Cited]:
    """Return for each criterion the sentence of the course's material that is nearest to it. Searches are recorded.

    None for a criterion that the material has nothing on, or while the model service is away.
    """
    collection = question.assignment.course.collection_id
    if collection is None or question.rubric is None:
        return {}
    found: dict[str, Cited] = {}
    for criterion in question.rubric.criteria:
        query = " ".join([criterion["text"], *question.rubric.references[:1]])
        try:
            result = retrieval.search(
                system_principal(question.organisation_id), collection_ids=[collection], query=query, k=HITS
            )
        except InferenceError:
            return found
        wanted = set(content_forms(criterion["text"]))
        sentences = [
            (len(wanted & set(content_forms(sentence.text))), hit, sentence.text)
            for hit in result.hits
            for sentence in split(usable(hit.text))
            if not sentence.heading
        ]
        best = max(sentences, key=lambda one: one[0], default=None)
        if best is not None and best[0] >= COMMON:
            found[str(criterion["id"])] = Cited(best[1].chunk_id, best[1].title, " ".join(best[2].split()))
    return found


def comments_for(question: Question) -> dict[str, tuple[UUID, str]]:
    """Return for each criterion the most used comment that markers have kept for it."""
    found: dict[str, tuple[UUID, str]] = {}
    kept = Comment.objects.for_organisation(question.organisation_id).filter(question=question).exclude(criterion="")
    for comment in kept.order_by("-uses", "created_at"):
        found.setdefault(comment.criterion, (comment.pk, comment.text))
    return found
