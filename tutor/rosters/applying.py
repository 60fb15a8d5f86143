"""Making a school's courses be what its roster files say. Applied twice, the second time changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.enrolling import Entry, place
from tutor.courses.terms import keeps_terms
from tutor.models import Course, Enrolment, Learner, Term
from tutor.rosters.leaving import withdraw_from
from tutor.rosters.outcome import Outcome
from tutor.rosters.people import guardians, learners_of, staff_of_school
from tutor.rosters.rows import Enrollment, Roster
from tutor.rosters.staff import change_staff

Beat = Callable[[int, int], None]
"""Is told how many parts are done, of how many."""


def apply(principal: Principal, roster: Roster, step: Beat) -> Outcome:
    """Apply the rows of roster files; ``step`` is told after each part how many are done, of how many.

    Each part is a transaction of its own, unless the caller holds one.

    Raises:
        PermissionDenied: the principal is no administrator.
    """
    if not keeps_terms(principal):
        raise PermissionDenied("roster files are for administrators")
    of = principal.organisation_id
    outcome = Outcome(problems=list(roster.problems))
    with acting_in(of):
        terms = _terms(principal, roster, outcome)
        courses = _courses(principal, roster, terms, outcome)
        learners = learners_of(principal, roster, outcome)
        staff = staff_of_school(of, roster, outcome)
        guardians(principal, roster, learners, outcome)
    rows: dict[UUID, list[Enrollment]] = defaultdict(list)
    if roster.complete:
        # Also those that nobody is in any more.
        rows |= {courses[row.id].pk: [] for row in roster.classes if not row.gone}
    for row in roster.enrollments:
        course = courses.get(row.course)
        if course is None:
            outcome.fault("enrollments", row.line, "classSourcedId", _("No such class is known: add it to the upload."))
        else:
            rows[course.pk].append(row)
    by_id = {one.pk: one for one in courses.values()}
    for number, (course_id, given) in enumerate(rows.items(), start=1):
        with acting_in(of):
            _enrol(principal, by_id[course_id], given, learners, outcome)
            change_staff(principal, by_id[course_id], given, staff, outcome)
            if roster.complete:
                _withdraw_missing(principal, by_id[course_id], given, learners, outcome)
            step(number, len(rows))
    return outcome


def _terms(principal: Principal, roster: Roster, outcome: Outcome) -> dict[str, Term]:
    known = list(Term.objects.for_organisation(principal.organisation_id))
    by_id = {one.external_id: one for one in known if one.external_id}
    by_name = {one.name: one for one in known}
    for row in roster.sessions:
        if row.gone:
            continue
        term = by_id.get(row.id) or by_name.get(row.name)
        if term is not None and term.external_id not in {"", row.id}:
            outcome.fault("academicSessions", row.line, "title", _("Another term has this name: give it another one."))
            continue
        wanted = {"external_id": row.id, "name": row.name, "starts_on": row.starts_on, "ends_on": row.ends_on}
        term = _saved(principal, term or Term(organisation_id=principal.organisation_id), wanted, "term", outcome)
        by_id[row.id] = by_name[row.name] = term
    return by_id


def _courses(principal: Principal, roster: Roster, terms: Mapping[str, Term], outcome: Outcome) -> dict[str, Course]:
    named = {row.id for row in roster.classes} | {row.course for row in roster.enrollments}
    rows = Course.objects.for_organisation(principal.organisation_id).filter(external_id__in=named)
    by_id = {one.external_id: one for one in rows}
    for row in roster.classes:
        course = by_id.get(row.id)
        if row.gone:
            if course is not None and course.archived_at is None:
                course.archived_at = timezone.now()
                course.save(update_fields=["archived_at"])
                _record(principal, course, "tutor.course_archived", {"archived": True})
                outcome.counts["courses_archived"] += 1
            continue
        if row.term and row.term not in terms:
            outcome.fault("classes", row.line, "termSourcedIds", _("No such term is known: add it to the upload."))
        wanted: dict[str, Any] = {
            "external_id": row.id,
            "name": row.name,
            "code": row.code or roster.course_codes.get(row.course, "")[:40],
        }
        if row.term in terms:
            wanted["term_id"] = terms[row.term].pk
        new = Course(organisation_id=principal.organisation_id)
        by_id[row.id] = _saved(principal, course or new, wanted, "course", outcome)
    return by_id


def _saved(principal: Principal, row: Any, wanted: Mapping[str, Any], kind: str, outcome: Outcome) -> Any:
    """Store what differs, with its entry; nothing where nothing does."""
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    if not changed:
        return row
    is_new = row._state.adding  # noqa: SLF001 - Django's own word for it
    for name in changed:
        setattr(row, name, wanted[name])
    row.save(**({"force_insert": True} if is_new else {"update_fields": changed}))
    _record(principal, row, f"tutor.{kind}_saved")
    outcome.counts[f"{kind}s_{'added' if is_new else 'changed'}"] += 1
    return row


def _enrol(
    principal: Principal,
    course: Course,
    rows: Iterable[Enrollment],
    learners: Mapping[str, Learner],
    outcome: Outcome,
) -> None:
    placed: dict[UUID, tuple[Learner, Entry]] = {}
    leaving = []
    for row in rows:
        if row.part != "student":
            continue
        learner = learners.get(row.user)
        if learner is None:
            outcome.fault(
                "enrollments", row.line, "userSourcedId", _("No such learner is known: add them to users.csv.")
            )
        elif row.gone:
            leaving.append(learner.pk)
        else:
            placed[learner.pk] = (learner, Entry(name="", section=course.code or None))
    for done in place(principal, course, list(placed.values())):
        outcome.counts[done] += 1
    withdraw_from(principal, _in(course).filter(learner_id__in=leaving), outcome)


def _withdraw_missing(
    principal: Principal,
    course: Course,
    rows: Iterable[Enrollment],
    learners: Mapping[str, Learner],
    outcome: Outcome,
) -> None:
    """Take out whoever came from the school's system and stands in the complete list no longer."""
    listed = [learners[row.user].pk for row in rows if row.user in learners]
    from_there = _in(course).filter(learner__external_index__len__gt=0)
    withdraw_from(principal, from_there.exclude(learner_id__in=listed), outcome)


def _in(course: Course) -> QuerySet[Enrolment]:
    return Enrolment.objects.for_organisation(course.organisation_id).filter(course=course, withdrawn_at=None)


def _record(principal: Principal, row: Term | Course, action: str, digests: Mapping[str, bool] | None = None) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("term" if isinstance(row, Term) else "course", row.pk),
        digests=digests,
    )
