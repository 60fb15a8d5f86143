"""How the questions of an assignment work: how hard they are, and whether they tell learners apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from tutor.marking.access import standing
from tutor.marking.points import share
from tutor.marking.shown import current_of
from tutor.models import Answer, Assignment, Mark, Question
from tutor.quality import figures
from tutor.quality.figures import Estimate


@dataclass(frozen=True, slots=True)
class OptionFigures:
    """One choice: the share of learners who chose it, and how much better the rest of their work is than others'.

    ``misleads`` says that a wrong choice draws learners whose other work is better than that of those who left it.
    """

    text: str
    correct: bool
    chosen: Estimate
    rest: Estimate
    misleads: bool


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One question; ``hidden`` with fewer than ten marked answers, when nothing is said.

    ``difficulty`` is the mean share of the points reached (classical p), ``discrimination`` the correlation with the
    sum of the other questions.
    """

    question: Question
    n: int
    difficulty: Estimate
    discrimination: Estimate
    options: tuple[OptionFigures, ...]

    @property
    def hidden(self) -> bool:
        return self.n < figures.FEWEST

    @property
    def check(self) -> bool:
        """Whether learners whose other work is weaker do better here, by the whole interval."""
        return self.discrimination.high is not None and self.discrimination.high < 0


@dataclass(frozen=True, slots=True)
class AssignmentFigures:
    """The questions of an assignment and ``alpha`` over the ``complete`` submissions, in which all are marked."""

    items: tuple[ItemFigures, ...]
    alpha: Estimate
    complete: int


def analyse(assignment: Assignment) -> AssignmentFigures:
    """Return the figures of an assignment's questions. Inside ``acting_in``; permission is the caller's to check."""
    questions = list(
        Question.objects.for_organisation(assignment.organisation_id)
        .filter(assignment=assignment)
        .order_by("position", "created_at")
    )
    answers = list(
        standing(assignment.organisation_id)
        .filter(submission__assignment=assignment)
        .only("pk", "question_id", "submission_id", "choices")
    )
    shares = _shares(assignment, {one.pk: one for one in questions}, answers)
    by_submission: dict[UUID, dict[UUID, float]] = {}
    for answer in answers:
        if answer.pk in shares:
            by_submission.setdefault(answer.submission_id, {})[answer.question_id] = shares[answer.pk]
    weights = {one.pk: float(one.points) for one in questions}
    complete = [marks for marks in by_submission.values() if len(marks) == len(questions)]
    table = [[marks[one.pk] * weights[one.pk] for one in questions] for marks in complete]
    enough = len(complete) >= figures.FEWEST
    items = tuple(
        _item(one, at, [answer for answer in answers if answer.question_id == one.pk], shares, table, by_submission)
        for at, one in enumerate(questions)
    )
    alpha = figures.cronbach_alpha(table) if enough else Estimate(None, None, None, len(complete))
    return AssignmentFigures(items, alpha, len(complete))


def _shares(assignment: Assignment, questions: Mapping[UUID, Question], answers: Sequence[Answer]) -> dict[UUID, float]:
    """Return the share of the points of every answer whose mark counts."""
    marks: dict[UUID, dict[str, Mark]] = {}
    rows = Mark.objects.for_organisation(assignment.organisation_id).filter(
        answer__question__assignment=assignment, withdrawn_at=None
    )
    for mark in rows.only("answer_id", "kind", "points"):
        marks.setdefault(mark.answer_id, {})[mark.kind] = mark
    found = {}
    for answer in answers:
        current = current_of(marks.get(answer.pk, {}))
        if current is not None:
            found[answer.pk] = share(current.points, maximum=questions[answer.question_id].points)
    return found


def _item(
    question: Question,
    at: int,
    answers: Sequence[Answer],
    shares: Mapping[UUID, float],
    table: Sequence[Sequence[float]],
    by_submission: Mapping[UUID, Mapping[UUID, float]],
) -> ItemFigures:
    marked = [shares[one.pk] for one in answers if one.pk in shares]
    nothing = Estimate(None, None, None, len(marked))
    if len(marked) < figures.FEWEST:
        return ItemFigures(question, len(marked), nothing, nothing, ())
    relation = nothing
    if len(table) >= figures.FEWEST and len(table[0]) > 1:
        own = [row[at] for row in table]
        relation = figures.item_rest(own, [sum(row) - row[at] for row in table])
    options: tuple[OptionFigures, ...] = ()
    if question.kind == Question.Kind.CHOICE:
        options = tuple(_option(question, one, answers, by_submission) for one in question.options)
    return ItemFigures(question, len(marked), figures.mean_of(marked, within=(0.0, 1.0)), relation, options)


def _option(
    question: Question,
    option: Mapping[str, object],
    answers: Sequence[Answer],
    by_submission: Mapping[UUID, Mapping[UUID, float]],
) -> OptionFigures:
    took: list[float] = []
    left: list[float] = []
    count = 0
    for answer in answers:
        chosen = str(option["id"]) in answer.choices
        count += chosen
        others = [value for other, value in by_submission.get(answer.submission_id, {}).items() if other != question.pk]
        if others:
            (took if chosen else left).append(sum(others) / len(others))
    rest = figures.mean_difference(took, left)
    correct = bool(option.get("correct"))
    misleads = not correct and rest.low is not None and rest.low > 0
    return OptionFigures(str(option.get("text", "")), correct, figures.share_of(count, len(answers)), rest, misleads)
