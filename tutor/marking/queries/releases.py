"""What of an assignment is released, what could be, and what each submission lacks. No learner's words."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Max, Q, Sum

from llmasos.accounts.principals import Principal
from tutor.marking.access import assignment_for, standing
from tutor.marking.services.releases import answers_of, incomplete_of, noted_since, released_marks
from tutor.marking.types import BatchView, ReleaseState, SubmissionState
from tutor.models import Assignment, Question, Release, Submission
from tutor.permissions import ASSISTANT, TEACHER

BATCHES = 20


def release_state(principal: Principal, assignment_id: UUID) -> ReleaseState:
    """Return every submission that counts, in the order of marking, and the latest releases in bulk.

    Raises:
        NotFoundError, PermissionDenied.
    """
    assignment = assignment_for(principal, assignment_id, TEACHER, ASSISTANT)
    counting = standing(principal.organisation_id).filter(submission__assignment=assignment)
    submissions = list(
        Submission.objects.for_organisation(principal.organisation_id)
        .filter(pk__in=counting.values_list("submission_id", flat=True))
        .order_by("shuffle", "pk")
    )
    answers = answers_of(assignment, submissions)
    lacks = {one.submission_id: one.missing for one in incomplete_of(assignment, answers, submissions)}
    marks = released_marks(answers, submissions)
    held = {
        one.submission_id: one
        for one in Release.objects.for_organisation(principal.organisation_id).filter(
            submission__in=submissions, withdrawn_at=None
        )
    }
    noted = noted_since(held.values())
    most = _most(assignment)
    rows = []
    for one in submissions:
        given = marks[one.pk].values()
        release = held.get(one.pk)
        unmarked = any(what == "mark" for _question, what in lacks.get(one.pk, ()))
        rows.append(
            SubmissionState(
                submission_id=one.pk,
                pseudonym=one.pseudonym,
                points=None if unmarked else sum((mark.points for mark in given), start=Decimal(0)),
                max_points=most,
                late_seconds=one.late_seconds,
                missing=lacks.get(one.pk, ()),
                released_at=release.released_at if release is not None else None,
                changed=release is not None
                and (release.pk in noted or set(release.marks) != {mark.pk for mark in given}),
            )
        )
    return ReleaseState(
        assignment_id=assignment.pk,
        submissions=tuple(rows),
        ready=sum(1 for one in rows if not one.missing and (one.released_at is None or one.changed)),
        incomplete=sum(1 for one in rows if one.missing),
        released=len(held),
        batches=_batches(assignment),
    )


def _most(assignment: Assignment) -> Decimal:
    questions = Question.objects.for_organisation(assignment.organisation_id).filter(assignment=assignment)
    return questions.aggregate(most=Sum("points"))["most"] or Decimal(0)


def _batches(assignment: Assignment) -> tuple[BatchView, ...]:
    # A batch is released by one person at one moment.
    batches = (
        Release.objects.for_organisation(assignment.organisation_id)
        .filter(submission__assignment=assignment)
        .values("batch", "released_by__name")
        .annotate(latest=Max("released_at"), count=Count("pk"), standing=Count("pk", filter=Q(withdrawn_at=None)))
        .order_by("-latest")[:BATCHES]
    )
    return tuple(
        BatchView(
            batch=one["batch"],
            released_at=one["latest"],
            released_by=one["released_by__name"] or "",
            count=one["count"],
            standing=one["standing"],
        )
        for one in batches
    )
