"""Requests for another look, as the staff see them. Reading a thread is recorded."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.db.models import QuerySet

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.errors import NotFoundError
from tutor.marking.queries.answers import mark_view
from tutor.marking.services.deciding import decides_alone
from tutor.marking.shown import current_of, marks_of
from tutor.marking.types import MessageView, RegradeView
from tutor.models import Mark, RegradeMessage, RegradeRequest
from tutor.permissions import MARKERS, courses_of


def regrades(principal: Principal, *, state: Literal["open", "all"] = "open") -> list[RegradeView]:
    """Return the requests of the principal's courses without their threads, the oldest first."""
    found = _requests(principal)
    if state == "open":
        found = found.filter(state=RegradeRequest.State.OPEN)
    requests = list(found.order_by("created_at"))
    marks = marks_of(principal.organisation_id, [one.answer_id for one in requests])
    return [_view(principal, one, current_of(marks.get(one.answer_id, {}))) for one in requests]


def regrade(principal: Principal, request_id: UUID) -> RegradeView:
    """Return a request with its thread; the read is recorded.

    Raises:
        NotFoundError: there is none that the principal may know of.
    """
    request = _requests(principal).filter(pk=request_id).first()
    if request is None:
        raise NotFoundError
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.regrade_read",
        subject=Ref("learner", request.learner_id),
        object=Ref("regrade", request.pk),
        digests={"answer": str(request.answer_id)},
    )
    learner_person = request.learner.person_id
    messages = RegradeMessage.objects.for_organisation(principal.organisation_id).filter(request=request)
    thread = tuple(
        MessageView(
            by_learner=one.author_id == learner_person,
            author=one.author.name if one.author is not None and one.author_id != learner_person else "",
            text=one.text,
            created_at=one.created_at,
        )
        for one in messages.select_related("author").order_by("created_at")
    )
    marks = marks_of(principal.organisation_id, [request.answer_id])
    return _view(principal, request, current_of(marks.get(request.answer_id, {})), thread)


def _requests(principal: Principal) -> QuerySet[RegradeRequest]:
    return (
        RegradeRequest.objects.for_organisation(principal.organisation_id)
        .filter(answer__submission__assignment__course__in=courses_of(principal, *MARKERS))
        .select_related("answer__submission__assignment", "answer__question", "learner")
    )


def _view(
    principal: Principal, request: RegradeRequest, mark: Mark | None, messages: tuple[MessageView, ...] = ()
) -> RegradeView:
    person_id = principal.id if principal.kind == "person" else None
    own_mark = mark is not None and person_id is not None and mark.marker_id == person_id
    alone = person_id is not None and own_mark and decides_alone(request, person_id)
    return RegradeView(
        id=request.pk,
        answer_id=request.answer_id,
        question_id=request.answer.question_id,
        assignment_id=request.answer.submission.assignment_id,
        course_id=request.answer.submission.assignment.course_id,
        work=request.answer.submission.assignment.title,
        prompt=request.answer.question.prompt,
        pseudonym=request.answer.submission.pseudonym,
        state=request.state,
        mine=person_id is not None and (not own_mark or alone),
        alone=alone,
        mark=mark_view(mark) if mark is not None else None,
        max_points=request.answer.question.points,
        created_at=request.created_at,
        resolved_at=request.resolved_at,
        messages=messages,
    )
