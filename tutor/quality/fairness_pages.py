"""What the fairness page compares: the marked answers of an assignment or a course. That it is read is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.retrieval.languages import detect
from llmasos.vault.services import keep_keys
from tutor.engine.text import words
from tutor.marking.access import standing
from tutor.marking.mapping import ANSWERS_AT_ONCE
from tutor.marking.points import share
from tutor.marking.shown import applied_run
from tutor.models import Answer, Assignment, Course, Enrolment, Mark, Proposal, Question
from tutor.permissions import TEACHER, course_for
from tutor.quality import fairness
from tutor.quality.fairness import Comparison, Observed

TEXTS_READ: Final = 3_000
"""Length and language are told of so many answers at most, in the pseudo-random order of marking."""
WORDS_FOR_LANGUAGE: Final = 8
_READ_OF_ANSWERS: Final = ("pk", "organisation_id", "learner_id", "text")
_MARKED_BY_WORDS: Final = (Question.Kind.SHORT, Question.Kind.ESSAY)


@dataclass(frozen=True, slots=True)
class FairnessView:
    """The comparisons over ``answers`` of ``learners``; ``read`` answers stand behind language and length."""

    answers: int
    learners: int
    proposed: int
    read: int
    groups: Comparison
    languages: Comparison
    lengths: Comparison


def of_assignment(principal: Principal, assignment: Assignment, *, unseen_only: bool) -> FairnessView:
    """Return the comparisons of an assignment; see ``of_course``."""
    return _view(principal, [assignment], assignment.course, Ref("assignment", assignment.pk), unseen_only=unseen_only)


def of_course(principal: Principal, course: Course, *, unseen_only: bool) -> FairnessView:
    """Return the comparisons over all work of a course. With ``unseen_only``, over marks given without a proposal.

    Raises:
        PermissionDenied: the principal is no teacher of the course; groups may say much of a learner.
    """
    assignments = list(Assignment.objects.for_organisation(principal.organisation_id).filter(course=course))
    return _view(principal, assignments, course, Ref("course", course.pk), unseen_only=unseen_only)


def _view(
    principal: Principal, assignments: Sequence[Assignment], course: Course, on: Ref, *, unseen_only: bool
) -> FairnessView:
    course_for(principal, course.pk, TEACHER)
    questions = {
        one.pk: one
        for one in Question.objects.for_organisation(principal.organisation_id)
        .filter(assignment__in=assignments, kind__in=_MARKED_BY_WORDS)
        .select_related("rubric")
    }
    observed = _observed(principal.organisation_id, course, questions, unseen_only=unseen_only)
    read = sum(one.words is not None for one in observed)
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.fairness_read",
        object=on,
        purpose="fairness",
        digests={"answers": len(observed), "read": read},
    )
    return FairnessView(
        answers=len(observed),
        learners=len({one.learner_id for one in observed}),
        proposed=sum(one.proposed is not None for one in observed),
        read=read,
        groups=fairness.by_school_groups(observed),
        languages=fairness.by_language(observed),
        lengths=fairness.by_length(observed),
    )


def _observed(
    organisation_id: UUID, course: Course, questions: Mapping[UUID, Question], *, unseen_only: bool
) -> list[Observed]:
    answers = list(
        standing(organisation_id)
        .filter(question__in=list(questions))
        .order_by("submission__shuffle", "pk")
        .values_list("pk", "question_id", "learner_id")
    )
    current = _current(organisation_id, questions)
    if unseen_only:
        own = Mark.Origin.OWN
        current = {one: mark for one, mark in current.items() if mark["origin"] == own and mark["proposal_id"] is None}
    kept = [row for row in answers if row[0] in current]
    proposed = _proposed(organisation_id, questions.values(), current)
    groups = {
        learner_id: frozenset(names)
        for learner_id, names in Enrolment.objects.for_organisation(organisation_id)
        .filter(course=course)
        .values_list("learner_id", "groups")
    }
    told = _told(organisation_id, [row[0] for row in kept[:TEXTS_READ]])
    found = []
    for one, question_id, learner_id in kept:
        maximum = questions[question_id].points
        length, language = told.get(one, (None, ""))
        found.append(
            Observed(
                learner_id=learner_id,
                question_id=question_id,
                given=share(current[one]["points"], maximum=maximum),
                proposed=share(proposed[one], maximum=maximum) if one in proposed else None,
                groups=groups.get(learner_id, frozenset()),
                words=length,
                language=language,
            )
        )
    return found


def _current(organisation_id: UUID, questions: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the mark of each answer that counts, the moderated one before the first; without its words."""
    rows = (
        Mark.objects.for_organisation(organisation_id)
        .filter(answer__question__in=list(questions), withdrawn_at=None)
        .exclude(kind=Mark.Kind.SECOND)
        .values("answer_id", "kind", "origin", "points", "rubric_id", "proposal_id", "proposal__points")
    )
    found: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        if row["answer_id"] not in found or row["kind"] == Mark.Kind.FINAL:
            found[row["answer_id"]] = dict(row)
    return found


def _proposed(
    organisation_id: UUID, questions: Iterable[Question], marks: Mapping[UUID, Mapping[str, Any]]
) -> dict[UUID, Decimal]:
    """Return the points proposed beside each mark: what its marker saw, else what is proposed now by its rubric."""
    runs = {run.pk: run.rubric_id for question in questions if (run := applied_run(question)) is not None}
    now = Proposal.objects.for_organisation(organisation_id).filter(run__in=list(runs))
    found: dict[UUID, Decimal] = {}
    for answer_id, run_id, points in now.values_list("answer_id", "run_id", "points"):
        mark = marks.get(answer_id)
        unseen = mark is not None and mark["proposal_id"] is None and mark["rubric_id"] == runs[run_id]
        if unseen and points is not None:
            found[answer_id] = points
    seen = {one: mark["proposal__points"] for one, mark in marks.items() if mark["proposal_id"] is not None}
    return found | {one: points for one, points in seen.items() if points is not None}


def _told(organisation_id: UUID, ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
    """Return how many words each answer has, and its language where it is long enough to tell."""
    found = {}
    for start in range(0, len(ids), ANSWERS_AT_ONCE):
        part = ids[start : start + ANSWERS_AT_ONCE]
        rows = list(Answer.objects.for_organisation(organisation_id).filter(pk__in=part).only(*_READ_OF_ANSWERS))
        learners = [row.learner_id for row in rows]
        keep_keys(organisation_id=organisation_id, subject_kind="learner", subject_ids=learners)
        for row in rows:
            count = len(words(row.text))
            found[row.pk] = (count, detect(row.text) if count >= WORDS_FOR_LANGUAGE else "")
    return found
