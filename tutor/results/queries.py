"""Reads of released results. Drafts of markers are never among them: a release names the marks that it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.models import (
    Annotation,
    Answer,
    CourseStaff,
    Learner,
    Mark,
    RegradeMessage,
    RegradeRequest,
    Release,
    Submission,
)
from tutor.permissions import TEACHER, course_for
from tutor.results import wording
from tutor.results.access import childrens_results, own_results
from tutor.results.assembling import Facts, result_row
from tutor.results.types import Earlier, MessageRow, RegradeRow, ResultRow, Results
from tutor.work.lateness import deduct
from tutor.work.queries import answer_rows


@dataclass(frozen=True, slots=True)
class ChildResult:
    """A line of a guardian's list."""

    submission: Submission
    released_at: object
    name: str


def results_of(principal: Principal, submission_id: UUID) -> Results:
    """Return the released results of an own submission, or a child's. The read is recorded.

    Raises:
        Submission.DoesNotExist: there is none that the principal may read.
    """
    submission = own_results(principal).filter(pk=submission_id).first()
    is_own = submission is not None
    if submission is None:
        submission = childrens_results(principal).get(pk=submission_id)
    found = released(submission, is_own=is_own)
    release = found.release
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.results_read",
        subject=Ref("learner", submission.learner_id),
        object=Ref("submission", submission.pk),
        digests={"release": str(release.pk) if release else None, "reader": "learner" if is_own else "guardian"},
    )
    if is_own and release is not None and release.seen_at is None:
        release.seen_at = timezone.now()
        release.save(update_fields=["seen_at"])
    return found


def results_of_learner(principal: Principal, course_id: UUID, learner_id: UUID) -> list[Results]:
    """Return what is released to a learner of a course, for its teachers, the latest first. Each read is recorded.

    Raises:
        Course.DoesNotExist, PermissionDenied: only teachers of the course read them.
        Learner.DoesNotExist: nobody of that id is or was in the course.
    """
    course = course_for(principal, course_id, TEACHER)
    learners = Learner.objects.for_organisation(principal.organisation_id).filter(enrolments__course=course)
    learner = learners.get(pk=learner_id)
    shown = Release.objects.for_organisation(principal.organisation_id).filter(
        submission__learner=learner, submission__assignment__course=course, withdrawn_at=None
    )
    results = []
    for release in shown.select_related("submission__assignment__course").order_by("-released_at"):
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.results_read",
            subject=Ref("learner", learner.pk),
            object=Ref("submission", release.submission_id),
            digests={"release": str(release.pk), "reader": "staff"},
        )
        results.append(released(release.submission, is_own=False))
    return results


def released(submission: Submission, *, is_own: bool) -> Results:
    """Return what is released of a submission, without recording the read: for those who record it themselves."""
    releases = _releases(submission)
    release = next((one for one in releases if one.withdrawn_at is None), None)
    return _results(submission, release, releases, is_own=is_own)


def childrens(principal: Principal) -> list[ChildResult]:
    """Return the released results that a guardian may read, the newest first. The read is recorded, child by child."""
    readable = childrens_results(principal)
    releases = (
        Release.objects.for_organisation(principal.organisation_id)
        .filter(submission__in=readable, withdrawn_at=None)
        .select_related("submission__assignment__course", "submission__learner")
        .order_by("-released_at")
    )
    found = [ChildResult(one.submission, one.released_at, one.submission.learner.name) for one in releases]
    for learner_id in {one.submission.learner_id for one in found}:
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.results_listed",
            subject=Ref("learner", learner_id),
            digests={"results": sum(1 for one in found if one.submission.learner_id == learner_id)},
        )
    return found


def _results(submission: Submission, release: Release | None, releases: Sequence[Release], *, is_own: bool) -> Results:
    course = submission.assignment.course
    name = "" if is_own else _learner(submission).name
    if release is None:
        return Results(submission, course, is_own, name, None, earlier=_history(releases))
    later = _later(submission)
    ask_until = release.released_at + timedelta(days=course.regrade_days)
    rows = _rows(submission, release, may_ask=is_own and not later and timezone.now() <= ask_until)
    points = sum((row.points for row in rows if row.points is not None), Decimal(0))
    return Results(
        submission,
        course,
        is_own,
        name,
        release,
        rows=rows,
        points=points,
        most=sum((row.most for row in rows), Decimal(0)),
        deduction=deduct(
            points,
            late_seconds=submission.late_seconds,
            percent_per_day=submission.assignment.late_percent_per_day,
        ),
        ask_until=ask_until,
        earlier=_history([one for one in releases if one.pk != release.pk]),
        counts_instead=later,
    )


def _later(submission: Submission) -> int:
    """Return the number of the latest attempt that was handed in after this one, 0 if none was."""
    attempts = Submission.objects.for_organisation(submission.organisation_id).filter(
        assignment=submission.assignment_id,
        learner=submission.learner_id,
        state=Submission.State.SUBMITTED,
        attempt__gt=submission.attempt,
    )
    return attempts.aggregate(latest=Max("attempt"))["latest"] or 0


def _rows(submission: Submission, release: Release, *, may_ask: bool) -> tuple[ResultRow, ...]:
    organisation_id = submission.organisation_id
    answers = {
        one.question_id: one for one in Answer.objects.for_organisation(organisation_id).filter(submission=submission)
    }
    marks = {
        one.answer_id: one
        for one in Mark.objects.for_organisation(organisation_id)
        .filter(pk__in=release.marks, answer__submission=submission)
        .select_related("rubric", "proposal")
    }
    notes: dict[UUID, list[Annotation]] = defaultdict(list)
    for note in Annotation.objects.for_organisation(organisation_id).filter(
        answer__submission=submission, created_at__lte=release.released_at
    ):
        notes[note.answer_id].append(note)
    roles = _roles(submission)
    regrades = _regrades(submission, roles)
    rows = []
    for row in answer_rows(submission):
        answer = answers[row.question.pk]
        facts = Facts(answer, row, marks.get(answer.pk), tuple(notes[answer.pk]), tuple(regrades[answer.pk]))
        rows.append(result_row(facts, roles=roles, may_ask=may_ask))
    return tuple(rows)


def _regrades(submission: Submission, roles: Mapping[UUID | None, str]) -> dict[UUID, list[RegradeRow]]:
    threads: dict[UUID, list[MessageRow]] = defaultdict(list)
    person_id = _learner(submission).person_id
    for one in RegradeMessage.objects.for_organisation(submission.organisation_id).filter(
        request__answer__submission=submission
    ):
        by_learner = one.author_id is not None and one.author_id == person_id
        who = "" if by_learner else wording.role_in_words(roles.get(one.author_id, ""))
        threads[one.request_id].append(MessageRow(who, by_learner, one.text, one.created_at))
    found: dict[UUID, list[RegradeRow]] = defaultdict(list)
    for request in RegradeRequest.objects.for_organisation(submission.organisation_id).filter(
        answer__submission=submission
    ):
        found[request.answer_id].append(RegradeRow(request, tuple(threads[request.pk])))
    return found


def _roles(submission: Submission) -> dict[UUID | None, str]:
    staff = CourseStaff.objects.for_organisation(submission.organisation_id).filter(
        course=submission.assignment.course_id
    )
    return dict(staff.values_list("person_id", "role"))


def _history(releases: Sequence[Release]) -> tuple[Earlier, ...]:
    wanted = [mark_id for one in releases for mark_id in one.marks]
    if not releases:
        return ()
    points = dict(
        Mark.objects.for_organisation(releases[0].organisation_id).filter(pk__in=wanted).values_list("pk", "points")
    )
    return tuple(
        Earlier(one.released_at, one.withdrawn_at, sum((points.get(key, Decimal(0)) for key in one.marks), Decimal(0)))
        for one in releases
    )


def _releases(submission: Submission) -> Sequence[Release]:
    return list(
        Release.objects.for_organisation(submission.organisation_id)
        .filter(submission=submission)
        .order_by("-released_at")
    )


def _learner(submission: Submission) -> Learner:
    return Learner.objects.for_organisation(submission.organisation_id).get(pk=submission.learner_id)
