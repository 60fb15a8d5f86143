"""The organisation's own marks as examples to learn from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from tutor.engine.types import Criterion, Graded
from tutor.engine.types import Question as Asked
from tutor.marking.mapping import engine_question, marks_as_graded
from tutor.models import Question

if TYPE_CHECKING:
    from tutor.engine.training import Marked

FEWEST_ANSWERS: Final = 5
"""A question with fewer marked answers teaches nothing that its own marks would not."""
_LEARNT_FROM: Final = (Question.Kind.SHORT, Question.Kind.ESSAY)


def examples(organisation_id: UUID) -> list[Marked]:
    """Return what people have marked by words, one entry a question, or a criterion where there are criteria.

    Proposals are not among them, nor second marks. Half of the points or more count as right. Inside ``acting_in``;
    the texts do not leave the process.
    """
    found: list[Marked] = []
    questions = (
        Question.objects.for_organisation(organisation_id)
        .filter(kind__in=_LEARNT_FROM, rubric__isnull=False)
        .select_related("assignment__course", "rubric")
        .order_by("created_at", "pk")
    )
    for question in questions:
        graded = [one for one in marks_as_graded(question) if one.text.strip()]
        asked = engine_question(question, question.rubric)
        if not asked.criteria:
            found += _marked(asked, [(one.text, one.score) for one in graded])
        for criterion in asked.criteria:
            found += _marked(*_by_criterion(asked, criterion, graded))
    return found


def _by_criterion(asked: Asked, criterion: Criterion, graded: list[Graded]) -> tuple[Asked, list[tuple[str, float]]]:
    from tutor.engine.proposing import level_share, references_of

    known = [one for one in graded if criterion.id in one.levels]
    question = replace(asked, id=f"{asked.id}/{criterion.id}", references=references_of(criterion), criteria=())
    return question, [(one.text, level_share(criterion, one.levels[criterion.id])) for one in known]


def _marked(asked: Asked, shares: list[tuple[str, float]]) -> list[Marked]:
    from tutor.engine.training import Marked

    if len(shares) < FEWEST_ANSWERS:
        return []
    return [Marked(asked, tuple(text for text, _share in shares), tuple(int(share < 0.5) for _text, share in shares))]
