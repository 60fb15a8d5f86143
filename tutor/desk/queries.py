"""Reads for the desk's own lists: who is in a queue, and how far assignments are. No learner's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from llmasos.accounts.principals import Principal
from tutor.desk.place import Place
from tutor.marking.access import standing
from tutor.models import Answer, Assignment, GroupAct, Mark, RegradeRequest, RubricVersion
from tutor.permissions import courses_of

BEFORE = 8
WINDOW = 24


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One answer of a queue. ``points`` are of the standing mark of the place's kind, None without one."""

    id: UUID
    position: int
    pseudonym: str
    points: Decimal | None
    current: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a queue around the answer at hand, and where the parts before and after it begin."""

    rows: tuple[QueueRow, ...]
    earlier: UUID | None
    later: UUID | None
    total: int


def window(principal: Principal, ids: Sequence[UUID], current: UUID, place: Place) -> Window:
    """Return the rows of a queue around ``current``; the first ones when it is not in the queue (any more)."""
    at = ids.index(current) if current in ids else 0
    first = max(0, min(at - BEFORE, len(ids) - WINDOW))
    shown = ids[first : first + WINDOW]
    answers = {
        answer.pk: answer
        for answer in Answer.objects.for_organisation(principal.organisation_id)
        .filter(pk__in=shown)
        .select_related("submission")
        .only("id", "submission__pseudonym")
    }
    marks = dict(
        Mark.objects.for_organisation(principal.organisation_id)
        .filter(answer__in=shown, withdrawn_at=None, kind__in=_kinds(place))
        .order_by(F("kind").desc())
        .values_list("answer_id", "points")
    )
    rows = tuple(
        QueueRow(one, position, answers[one].submission.pseudonym, marks.get(one), one == current)
        for position, one in enumerate(shown, first + 1)
        if one in answers
    )
    after = first + WINDOW
    return Window(
        rows,
        earlier=ids[max(0, first - WINDOW + BEFORE)] if first > 0 else None,
        later=ids[min(after + BEFORE, len(ids) - 1)] if after < len(ids) else None,
        total=len(ids),
    )


def _kinds(place: Place) -> tuple[str, ...]:
    return ("second",) if place.kind == "second" else ("first", "final")


def criteria_of(principal: Principal, rubric_id: UUID | None) -> list[Mapping[str, object]]:
    """Return the criteria of a rubric as they are kept; none without a rubric."""
    if rubric_id is None:
        return []
    found = RubricVersion.objects.for_organisation(principal.organisation_id).filter(pk=rubric_id).first()
    return found.criteria if found else []


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """An assignment on the list of what there is to mark."""

    assignment: Assignment
    answers: int
    marked: int

    @property
    def left(self) -> int:
        return self.answers - self.marked


def assignments_to_mark(principal: Principal) -> QuerySet[Assignment]:
    """Return the assignments of the principal's courses that learners can have handed in, the latest first."""
    return (
        Assignment.objects.for_organisation(principal.organisation_id)
        .filter(course__in=courses_of(principal), course__archived_at=None)
        .exclude(state=Assignment.State.DRAFT)
        .select_related("course")
        .order_by(F("due_at").desc(nulls_last=True), "-created_at")
    )


def with_counts(principal: Principal, assignments: Sequence[Assignment]) -> list[AssignmentRow]:
    """Count answers and those with a first or final mark."""
    marked = Mark.objects.for_organisation(principal.organisation_id).filter(
        answer=OuterRef("pk"), withdrawn_at=None, kind__in=("first", "final")
    )
    counted = {
        row["submission__assignment"]: row
        for row in standing(principal.organisation_id)
        .filter(submission__assignment__in=assignments)
        .annotate(has_mark=Exists(marked))
        .values("submission__assignment")
        .annotate(answers=Count("pk"), marked=Count("pk", filter=Q(has_mark=True)))
    }
    nothing = {"answers": 0, "marked": 0}
    return [
        AssignmentRow(one, counted.get(one.pk, nothing)["answers"], counted.get(one.pk, nothing)["marked"])
        for one in assignments
    ]


def open_regrades(principal: Principal) -> int:
    """Count the open regrade requests in the principal's courses."""
    return (
        RegradeRequest.objects.for_organisation(principal.organisation_id)
        .filter(
            state=RegradeRequest.State.OPEN,
            answer__submission__assignment__course__in=courses_of(principal),
        )
        .count()
    )


def pseudonyms(principal: Principal, answer_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return under which pseudonym markers see each answer."""
    return dict(
        Answer.objects.for_organisation(principal.organisation_id)
        .filter(pk__in=answer_ids)
        .values_list("pk", "submission__pseudonym")
    )


@dataclass(frozen=True, slots=True)
class ActRow:
    """One mark that was given to many, and whether it still can be undone as a whole."""

    id: UUID
    group_id: UUID | None
    name: str
    count: int
    person: str
    created_at: datetime
    undone_at: datetime | None


def recent_acts(principal: Principal, question_id: UUID, limit: int = 8) -> list[ActRow]:
    """Return the latest acts on groups of a question."""
    acts = (
        GroupAct.objects.for_organisation(principal.organisation_id)
        .filter(question=question_id)
        .select_related("group", "person")
        .order_by("-created_at")[:limit]
    )
    return [
        ActRow(
            act.pk,
            act.group_id,
            act.group.name if act.group else "",
            act.count,
            str(act.person or ""),
            act.created_at,
            act.undone_at,
        )
        for act in acts
    ]
