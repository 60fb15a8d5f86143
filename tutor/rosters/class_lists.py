"""Making a course's learners be those of its class list, part by part."""

from __future__ import annotations

from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from tutor.courses.enrolling import Entry, enrol, known_learners
from tutor.interchange.rosters import Roster
from tutor.permissions import TEACHER, course_for
from tutor.rosters.applying import Beat
from tutor.rosters.outcome import Outcome

AT_ONCE = 250
LONG = 300
"""A list of more rows is looked at and written by a job."""


def entries_of(listed: Roster) -> list[Entry]:
    """Return the rows of a class list as they are enrolled."""
    return [
        Entry(
            row.name,
            row.email,
            row.number,
            row.section if listed.has_section else None,
            row.groups if listed.has_groups else None,
        )
        for row in listed.rows
    ]


def apply_list(principal: Principal, course_id: UUID, listed: Roster, step: Beat) -> Outcome:
    """Enrol the learners of a class list; each part is a transaction of its own, unless the caller holds one.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``.
        CourseError: as ``enrol``.
    """
    outcome = Outcome(problems=list(listed.problems))
    entries = entries_of(listed)
    with acting_in(principal.organisation_id):
        course_for(principal, course_id, TEACHER)
    for start in range(0, len(entries), AT_ONCE):
        part = entries[start : start + AT_ONCE]
        with acting_in(principal.organisation_id):
            new = len(part) - len(known_learners(principal.organisation_id, part))
            done = enrol(principal, course_id, part)
            outcome.counts.update(learners_added=new, added=done.added, returned=done.returned, present=done.present)
            step(min(start + AT_ONCE, len(entries)), len(entries))
    return outcome
