"""Requests of learners to have a released mark looked at again: each change once, with its log entry."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.errors import NotFoundError, RegradeClosedError
from tutor.models import Answer, Learner, Mark, RegradeMessage, RegradeRequest, Release
from tutor.permissions import learner_of


def open_regrade(principal: Principal, answer_id: UUID, *, text: str) -> RegradeRequest:
    """Ask, as the learner whose answer it is, for another look at its released mark.

    Raises:
        NotFoundError: the learner has no such answer, or its result is not released.
        RegradeClosedError: the time to ask is over, or a request is open or was decided already.
    """
    with acting_in(principal.organisation_id):
        learner = _learner(principal)
        answer = (
            Answer.objects.for_organisation(principal.organisation_id)
            .select_for_update(of=("self",))
            .select_related("submission__assignment__course")
            .filter(pk=answer_id, learner=learner)
            .first()
        )
        release = _release(answer) if answer is not None else None
        mark = _released_mark(answer, release) if answer is not None and release is not None else None
        if answer is None or release is None or mark is None:
            raise NotFoundError
        course = answer.submission.assignment.course
        if timezone.now() > release.released_at + timedelta(days=course.regrade_days):
            raise RegradeClosedError(_("The time to ask for another look is over."))
        earlier = RegradeRequest.objects.for_organisation(principal.organisation_id).filter(answer=answer, mark=mark)
        if earlier.exclude(state=RegradeRequest.State.WITHDRAWN).exists():
            raise RegradeClosedError(_("You asked for another look at this mark before."))
        request = RegradeRequest.objects.create(
            organisation_id=principal.organisation_id, answer=answer, learner=learner, mark=mark
        )
        _add(principal, request, text)
        _record(principal, request, "tutor.regrade_asked", mark=mark)
    return request


def reply_regrade(principal: Principal, request_id: UUID, *, text: str) -> RegradeRequest:
    """Add the learner's message to an open request of theirs. Raises NotFoundError or RegradeClosedError."""
    with acting_in(principal.organisation_id):
        request = _open_request(principal, request_id)
        _add(principal, request, text)
        _record(principal, request, "tutor.regrade_answered")
    return request


def take_back_regrade(principal: Principal, request_id: UUID) -> RegradeRequest:
    """Take an open request of the learner's back. Raises NotFoundError or RegradeClosedError."""
    with acting_in(principal.organisation_id):
        request = _open_request(principal, request_id)
        request.state = RegradeRequest.State.WITHDRAWN
        request.resolved_at = timezone.now()
        request.save(update_fields=["state", "resolved_at"])
        _record(principal, request, "tutor.regrade_withdrawn")
    return request


def _learner(principal: Principal) -> Learner:
    learner = learner_of(principal)
    if learner is None:
        raise NotFoundError
    return learner


def _release(answer: Answer) -> Release | None:
    releases = Release.objects.for_organisation(answer.organisation_id)
    return releases.filter(submission_id=answer.submission_id, withdrawn_at=None).first()


def _released_mark(answer: Answer, release: Release) -> Mark | None:
    marks = Mark.objects.for_organisation(answer.organisation_id).filter(answer=answer, pk__in=release.marks)
    return marks.first()


def _open_request(principal: Principal, request_id: UUID) -> RegradeRequest:
    request = (
        RegradeRequest.objects.for_organisation(principal.organisation_id)
        .select_for_update()
        .filter(pk=request_id, learner=_learner(principal))
        .first()
    )
    if request is None:
        raise NotFoundError
    if request.state != RegradeRequest.State.OPEN:
        raise RegradeClosedError(_("This request was closed."))
    return request


def _add(principal: Principal, request: RegradeRequest, text: str) -> None:
    RegradeMessage.objects.create(
        organisation_id=principal.organisation_id,
        request=request,
        learner_id=request.learner_id,
        author_id=principal.id,
        text=text,
    )


def _record(principal: Principal, request: RegradeRequest, action: str, *, mark: Mark | None = None) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=Ref("learner", request.learner_id),
        object=Ref("regrade", request.pk),
        digests={"answer": str(request.answer_id)} | ({"mark": str(mark.pk)} if mark is not None else {}),
    )
