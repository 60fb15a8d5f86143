"""Released scores on the platform (Assignment and Grade Services): sent learner by learner, in jobs that try again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.grade import Grade

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.interchange.gradebook import released_points
from tutor.lti.calling import FAILURES, Connector, code_of
from tutor.models import Assignment, LtiLearner, LtiLink, LtiScore, Question, Submission
from tutor.permissions import TEACHER, course_for

State = LtiScore.State
SCOPES: Final = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
)
MOST_TRIES: Final = 6
MOST_RESULTS: Final = 20_000
_TOLERANCE: Final = Decimal("0.005")
_CLAIMED: Final = timedelta(minutes=5)
"""For so long a score that a worker has taken is nobody else's; afterwards it is tried again."""


def results_changed(organisation_id: UUID, submissions: Sequence[Submission]) -> None:
    """Follow marking: have the platforms told what is released now, or no longer."""
    assignments = {one.assignment_id for one in submissions}
    links = LtiLink.objects.for_organisation(organisation_id).filter(assignment_id__in=assignments)
    for link in links.exclude(line_item_url=""):
        _queue(link, {one.learner_id for one in submissions if one.assignment_id == link.assignment_id})


def link_found(link: LtiLink) -> None:
    """Have sent what was released before the platform gave the link a place for scores. Inside ``acting_in``."""
    if link.assignment is not None and link.line_item_url:
        _queue(link, released_points(link.assignment))


def send_again(principal: Principal, link_id: UUID, *, overwrite: bool) -> int:
    """Send what was not taken, or (``overwrite``) what was changed on the platform; return how many.

    Raises:
        LtiLink.DoesNotExist, Course.DoesNotExist, PermissionDenied.
    """
    with acting_in(principal.organisation_id):
        link = LtiLink.objects.for_organisation(principal.organisation_id).select_related("context").get(pk=link_id)
        course_for(principal, link.context.course_id, TEACHER)
        state = State.CHANGED if overwrite else State.FAILED
        rows = LtiScore.objects.for_organisation(principal.organisation_id).filter(link=link, state=state)
        count = rows.update(state=State.WAITING, overwrites=overwrite, tries=0, error_code="", due_at=timezone.now())
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.lti_scores_asked",
            object=Ref("assignment", link.assignment_id),
            digests={"count": count, "overwrite": overwrite},
        )
        transaction.on_commit(partial(publish, principal.organisation_id, link_id))
        return count


def publish(organisation_id: UUID, link_id: UUID) -> None:
    """Hand a link's scores to the worker. While the broker is away the clock takes them up later."""
    from kombu.exceptions import OperationalError

    from tutor.lti.tasks import lti_scores

    try:
        lti_scores.apply_async(args=(str(organisation_id), str(link_id)), queue="jobs")
    except (OperationalError, OSError):
        return


def take_up(organisation_id: UUID) -> None:
    """Queue the links whose scores are due: for another try, or because their worker was lost."""
    with acting_in(organisation_id):
        rows = LtiScore.objects.for_organisation(organisation_id)
        due = rows.filter(state=State.WAITING, due_at__lte=timezone.now()).order_by()
        links = list(due.values_list("link_id", flat=True).distinct())
    for link_id in links:
        publish(organisation_id, link_id)


def work(organisation_id: UUID, link_id: UUID) -> None:
    """Send what is due of a link. One learner's failure stops nobody else's score."""
    with acting_in(organisation_id):
        links = LtiLink.objects.for_organisation(organisation_id).select_related("context__platform", "assignment")
        link = links.filter(pk=link_id).exclude(assignment=None).exclude(line_item_url="").first()
        due = _claim(link) if link is not None else []
        if link is None or not due:
            return
        connector = Connector(link.context.platform)
    service = AssignmentsGradesService(connector, {"scope": list(SCOPES), "lineitem": link.line_item_url})
    try:
        # What stands there now; asked once for all.
        there = {
            str(one["userId"]): _share(one.get("resultScore"), one.get("resultMaximum")) for one in _results(service)
        }
    except FAILURES as error:
        for score in due:
            _failed(link, score, code_of(error))
        return
    for score in due:
        try:
            _send(link, score, service, there)
        except FAILURES as error:
            _failed(link, score, code_of(error))


def _send(
    link: LtiLink, score: LtiScore, service: AssignmentsGradesService, there: Mapping[str, Decimal | None]
) -> None:
    with acting_in(link.organisation_id):
        assert link.assignment is not None  # noqa: S101 - narrows the type
        wanted = _wanted(link.assignment, score.learner_id)
        maximum = _maximum(link.assignment)
        known = LtiLearner.objects.for_organisation(link.organisation_id).filter(
            platform_id=link.context.platform_id, learner_id=score.learner_id
        )
        user = known.first()
        sub = user.sub if user is not None else ""
    if not sub or not maximum:
        _failed(link, score, "unknown" if not sub else "no_points")
        return
    present = there.get(sub)
    ours = _share(score.points, score.maximum)
    aim = _share(wanted, maximum)
    if present is not None and not score.overwrites and not (_same(present, ours) or _same(present, aim)):
        _end(link, score, State.CHANGED)
        return
    if wanted is not None or present is not None or score.points is not None:
        grade = Grade().set_user_id(sub).set_timestamp(timezone.now().isoformat()).set_score_maximum(float(maximum))
        if wanted is not None:
            grade.set_score_given(float(wanted)).set_activity_progress("Completed").set_grading_progress("FullyGraded")
        else:
            # A score without points takes the one before it away.
            grade.set_activity_progress("Submitted").set_grading_progress("NotReady")
        service.put_grade(grade)
    _end(link, score, State.SENT if wanted is not None else State.TAKEN_BACK, points=wanted, maximum=maximum)


def _results(service: AssignmentsGradesService) -> list[dict[str, Any]]:
    found = [dict(one) for one in islice(service.get_grades(), MOST_RESULTS + 1)]
    if len(found) > MOST_RESULTS:
        raise ValueError("more results than a class can have")
    return found


def _wanted(assignment: Assignment, learner_id: UUID) -> Decimal | None:
    released = released_points(assignment).get(learner_id)
    return released[1].left if released is not None else None


def _maximum(assignment: Assignment) -> Decimal:
    questions = Question.objects.for_organisation(assignment.organisation_id).filter(assignment=assignment)
    return questions.aggregate(most=Sum("points"))["most"] or Decimal(0)


def _share(points: object, maximum: object) -> Decimal | None:
    """Return which share of the maximum was reached: a platform may count in other points than we do."""
    if points is None:
        return None
    most = Decimal(str(maximum)) if maximum else Decimal(0)
    return Decimal(str(points)) / most if most else Decimal(str(points))


def _same(one: Decimal, other: Decimal | None) -> bool:
    return other is not None and abs(one - other) <= _TOLERANCE


def _queue(link: LtiLink, learner_ids: Iterable[UUID]) -> None:
    rows = [LtiScore(organisation_id=link.organisation_id, link=link, learner_id=one) for one in sorted(learner_ids)]
    LtiScore.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["link", "learner"],
        update_fields=["state", "error_code", "tries", "due_at", "overwrites"],
    )
    transaction.on_commit(partial(publish, link.organisation_id, link.pk))


def _claim(link: LtiLink) -> list[LtiScore]:
    """Take what is due, for a while: who comes second finds nothing, and a lost worker's part is due again."""
    now = timezone.now()
    rows = LtiScore.objects.for_organisation(link.organisation_id).filter(link=link)
    due = list(rows.filter(state=State.WAITING, due_at__lte=now).select_for_update(skip_locked=True).order_by("pk"))
    for score in due:
        score.due_at = now + _CLAIMED
    LtiScore.objects.bulk_update(due, ["due_at"], batch_size=500)
    return due


def _failed(link: LtiLink, score: LtiScore, code: str) -> None:
    if code == "away" and score.tries + 1 < MOST_TRIES:
        score.tries += 1
        _end(link, score, State.WAITING, code=code, due_at=timezone.now() + timedelta(minutes=2**score.tries))
    else:
        _end(link, score, State.FAILED, code=code)


def _end(link: LtiLink, score: LtiScore, state: str, *, code: str = "", **sent: Any) -> None:
    """Store how it went, unless results were shown or taken back meanwhile: then it is due again already."""
    if state in {State.SENT, State.TAKEN_BACK}:
        sent |= {"sent_at": timezone.now(), "overwrites": False}
    with acting_in(link.organisation_id):
        ours = LtiScore.objects.for_organisation(link.organisation_id).filter(pk=score.pk)
        ours.filter(state=State.WAITING, due_at=score.due_at).update(
            state=state, error_code=code, tries=score.tries, **sent
        )
        if sent.get("sent_at"):
            # That much stands there, whatever is to follow.
            ours.update(points=sent["points"], maximum=sent["maximum"])
        record(
            organisation_id=link.organisation_id,
            actor=system_principal(link.organisation_id).actor,
            action="tutor.lti_score_sent",
            subject=Ref("learner", score.learner_id),
            object=Ref("assignment", link.assignment_id),
            outcome="failure" if code or state == State.CHANGED else "success",
            digests={"state": state, "reason": code},
        )
