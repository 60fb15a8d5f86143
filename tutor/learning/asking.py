"""Asking for a learner's estimates to be computed anew: a row first, then a task; the row alone is enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tutor.models import LearnerProgress, Submission


def results_changed(organisation_id: UUID, submissions: Sequence[Submission]) -> None:
    """Follow marking: what these learners were seen to do is other than before."""
    learners: dict[UUID, set[UUID]] = {}
    for one in submissions:
        learners.setdefault(one.assignment.course_id, set()).add(one.learner_id)
    for course_id, ids in learners.items():
        ask(organisation_id, course_id, ids)


def ask(organisation_id: UUID, course_id: UUID, learner_ids: Iterable[UUID]) -> None:
    """Have the estimates of these learners in a course computed; asked twice, it is done once."""
    now = timezone.now()
    rows = [
        LearnerProgress(organisation_id=organisation_id, course_id=course_id, learner_id=one, asked_at=now)
        for one in sorted(learner_ids)
    ]
    LearnerProgress.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["learner", "course"], update_fields=["asked_at"]
    )
    transaction.on_commit(partial(publish, organisation_id, course_id))


def publish(organisation_id: UUID, course_id: UUID) -> None:
    """Hand a course to the worker. While the broker is away nothing is lost: the clock takes the rows up later."""
    from kombu.exceptions import OperationalError

    from tutor.learning.tasks import compute_learning

    try:
        compute_learning.apply_async(args=(str(organisation_id), str(course_id)), queue="jobs")
    except (OperationalError, OSError):
        return
