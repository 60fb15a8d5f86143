"""Requests for another look, from the staff's side: answered, and decided by somebody else than the first marker."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import answer_for, require_person, require_role
from tutor.marking.errors import (
    LowersMarkError,
    MarkConflictError,
    MarkingError,
    NotFoundError,
    RegradeClosedError,
    SameMarkerError,
)
from tutor.marking.points import hundredths
from tutor.marking.services.marks import value_of
from tutor.marking.services.releases import show
from tutor.marking.services.storing import new_mark, store_marks
from tutor.marking.shown import current_of, marks_of
from tutor.models import CourseStaff, Mark, RegradeMessage, RegradeRequest, Release
from tutor.permissions import MARKERS, courses_of

Outcome = Literal["kept", "changed"]


def answer_regrade(principal: Principal, request_id: UUID, *, text: str) -> RegradeRequest:
    """Write to the learner in an open request.

    Raises:
        NotFoundError, PermissionDenied, RegradeClosedError; MarkingError where there are no words.
    """
    require_person(principal)
    with acting_in(principal.organisation_id):
        request = _open(principal, request_id)
        _say(principal, request, text)
        _record(principal, request, "tutor.regrade_answered", {})
        return request


def decide_regrade(
    principal: Principal,
    request_id: UUID,
    *,
    outcome: Outcome,
    text: str,
    expected_mark_id: UUID | None,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
    feedback: str = "",
    may_lower: bool = False,
) -> RegradeRequest:
    """Keep the mark or put a regraded one above it, and tell the learner why.

    A changed mark is released in the same act when the answer's results are. Whoever gave the mark decides only
    where nobody else marks in the course. ``expected_mark_id`` is the mark that was on the screen.

    Raises:
        NotFoundError, PermissionDenied, RegradeClosedError.
        SameMarkerError: the principal gave the mark, and somebody else could decide.
        MarkConflictError: another mark counts by now.
        LowersMarkError: the new mark is lower, and ``may_lower`` was not said.
        InvalidMarkError; MarkingError where there are no words for the learner.
    """
    person_id = require_person(principal)
    with acting_in(principal.organisation_id):
        request = _open(principal, request_id)
        answer = answer_for(principal, request.answer_id, *MARKERS, lock=True)
        stands = marks_of(principal.organisation_id, [answer.pk]).get(answer.pk, {})
        before = current_of(stands)
        if (before.pk if before is not None else None) != expected_mark_id:
            raise MarkConflictError(before.pk if before is not None else None)
        if before is not None and before.marker_id == person_id and not decides_alone(request, person_id):
            raise SameMarkerError
        mark: Mark | None = None
        if outcome == "changed":
            value = value_of(answer.question, levels=levels, points=points)
            if before is not None and value.points < before.points and not may_lower:
                raise LowersMarkError
            mark = new_mark(
                principal,
                answer,
                kind=Mark.Kind.FINAL,
                origin=Mark.Origin.REGRADED,
                value=value,
                replaces=stands.get(Mark.Kind.FINAL),
                proposal=before.proposal if before is not None else None,
                feedback=feedback,
            )
            store_marks(principal, [mark], digests={"regrade": str(request.pk)})
            _show_change(principal, request, mark)
        _say(principal, request, text)
        request.state = RegradeRequest.State(outcome)
        request.resolved_at = timezone.now()
        request.resolved_by_id = person_id
        request.save(update_fields=["state", "resolved_at", "resolved_by"])
        after = mark or before
        digests = {
            "outcome": outcome,
            "before": hundredths(before.points) if before is not None else None,
            "after": hundredths(after.points) if after is not None else None,
        }
        _record(principal, request, "tutor.regrade_decided", digests)
        return request


def decides_alone(request: RegradeRequest, person_id: UUID) -> bool:
    """Whether nobody else marks in the course of the request."""
    return (
        not CourseStaff.objects.for_organisation(request.organisation_id)
        .filter(course=request.answer.submission.assignment.course_id)
        .exclude(person_id=person_id)
        .exists()
    )


def _open(principal: Principal, request_id: UUID) -> RegradeRequest:
    request = (
        RegradeRequest.objects.for_organisation(principal.organisation_id)
        .select_for_update(of=("self",))
        .select_related("answer__submission__assignment")
        .filter(pk=request_id, answer__submission__assignment__course__in=courses_of(principal))
        .first()
    )
    if request is None:
        raise NotFoundError
    require_role(principal, request.answer.submission.assignment.course_id, *MARKERS)
    if request.state != RegradeRequest.State.OPEN:
        raise RegradeClosedError(_("This request was closed."))
    return request


def _show_change(principal: Principal, request: RegradeRequest, mark: Mark) -> None:
    """Release the submission again with the regraded mark; what else stands as a draft stays one."""
    submission = request.answer.submission
    held = (
        Release.objects.for_organisation(principal.organisation_id)
        .filter(submission=submission, withdrawn_at=None)
        .first()
    )
    if held is None:
        return
    shown = {
        one.answer_id: one for one in Mark.objects.for_organisation(principal.organisation_id).filter(pk__in=held.marks)
    }
    show(principal, [(submission, {**shown, mark.answer_id: mark})], batch=uuid4())


def _say(principal: Principal, request: RegradeRequest, text: str) -> None:
    if not text.strip():
        raise MarkingError(_("Write something to the learner first."))
    RegradeMessage.objects.create(
        organisation_id=principal.organisation_id,
        request=request,
        learner_id=request.learner_id,
        author_id=principal.id,
        text=text.strip(),
    )


def _record(
    principal: Principal, request: RegradeRequest, action: str, digests: Mapping[str, str | int | None]
) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=Ref("learner", request.learner_id),
        object=Ref("regrade", request.pk),
        digests={"answer": str(request.answer_id), **digests},
    )
