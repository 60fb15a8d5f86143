"""Which exercise comes next: the one tried least, of these the one tried longest ago."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Max, Q

from tutor.models import Course, Learner
from tutor.practice.exercises import open_exercises

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def next_exercises(course: Course, learner: Learner) -> dict[UUID, UUID]:
    """Return the exercise that the learner should do next, for each skill that has any."""
    own = Q(tries__learner=learner, tries__answered_at__isnull=False)
    rows = open_exercises(course).annotate(done=Count("tries", filter=own), last=Max("tries__answered_at", filter=own))
    found: dict[UUID, UUID] = {}
    for one in sorted(rows, key=lambda row: (row.done, row.last or _NEVER, row.created_at)):
        found.setdefault(one.skill_id, one.pk)
    return found
