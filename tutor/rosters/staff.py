"""Who teaches a course, as its roster says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.errors import CourseError
from tutor.courses.services import remove_staff
from tutor.models import Course, CourseStaff
from tutor.rosters.outcome import Outcome
from tutor.rosters.rows import Enrollment


def change_staff(
    principal: Principal, course: Course, rows: Iterable[Enrollment], people: Mapping[str, UUID], outcome: Outcome
) -> None:
    """Give staff their part, or take it away. Whoever has a part already keeps the one that they have."""
    parts = CourseStaff.objects.for_organisation(course.organisation_id).filter(course=course)
    present = set(parts.values_list("person_id", flat=True))
    for row in rows:
        person_id = people.get(row.user)
        if row.part not in {"teacher", "assistant"} or person_id is None:
            continue
        if row.gone and person_id in present:
            try:
                remove_staff(principal, course.pk, person_id)
            except CourseError as error:
                outcome.fault("enrollments", row.line, "userSourcedId", str(error))
            else:
                present.discard(person_id)
                outcome.counts["staff_removed"] += 1
        elif not row.gone and person_id not in present:
            CourseStaff.objects.create(
                organisation_id=course.organisation_id, course=course, person_id=person_id, role=row.part
            )
            present.add(person_id)
            record(
                organisation_id=principal.organisation_id,
                actor=principal.actor,
                action="tutor.staff_changed",
                object=Ref("course", course.pk),
                digests={"person": str(person_id), "role": row.part},
            )
            outcome.counts["staff_added"] += 1
