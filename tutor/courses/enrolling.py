"""Who is in a course: learners enrolled one by one, from a list, or by a class code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.models import Membership
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.canonical import DigestValue
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.errors import CourseError
from tutor.courses.matching import match, sealing
from tutor.models import Course, Enrolment, Guardian, Learner
from tutor.permissions import GUARDIANS, LEARNERS, TEACHER, course_for, learner_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a class list. ``section`` and ``groups`` of None leave what is there."""

    name: str
    email: str = ""
    number: str = ""
    section: str | None = None
    groups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a list did: learners new to the course, brought back, and those who were in it already.

    ``learners`` are the ids of all of them, in the order of the list.
    """

    added: int
    returned: int
    present: int
    learners: tuple[UUID, ...] = ()


def enrol(principal: Principal, course_id: UUID, entries: Sequence[Entry]) -> Enrolled:
    """Enrol learners. One known by number or address is the same learner, whose name stays as it is.

    A learner whose address is that of a student's account here sees the course at once.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``.
        CourseError: an entry's number and address belong to two different learners.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        learners = learners_for(principal.organisation_id, entries)
        counts = {"added": 0, "returned": 0, "present": 0}
        for done in place(principal, course, list(zip(learners, entries, strict=True))):
            counts[done] += 1
        return Enrolled(**counts, learners=tuple(one.pk for one in learners))


def known_learners(organisation_id: UUID, entries: Sequence[Entry]) -> set[int]:
    """Return the places in the list of those whom the organisation knows already. Inside ``acting_in``."""
    found = match(organisation_id, [(entry.email, entry.number) for entry in entries])
    return {at for at, learner in enumerate(found) if learner is not None}


def learners_for(organisation_id: UUID, entries: Sequence[Entry]) -> list[Learner]:
    """Return the learner of each entry, made where nobody is known by its number or address. Inside ``acting_in``.

    Raises:
        CourseError: as ``enrol``.
    """
    found = match(organisation_id, [(entry.email, entry.number) for entry in entries])
    made: dict[str, Learner] = {}
    new: list[Learner] = []
    learners = []
    for entry, known in zip(entries, found, strict=True):
        names = [one.casefold() for one in (entry.email.strip(), entry.number.strip()) if one]
        learner = known or next((made[name] for name in names if name in made), None)
        if learner is None:
            learner = _new(organisation_id, entry)
            new.append(learner)
        if known is None:
            made |= dict.fromkeys(names, learner)
        learners.append(learner)
    with sealing(organisation_id, new):
        Learner.objects.bulk_create(new)
    link_accounts(organisation_id, [(one, entry.email) for one, entry in zip(learners, entries, strict=True)])
    return learners


def place(principal: Principal, course: Course, learners: Sequence[tuple[Learner, Entry]]) -> list[str]:
    """Put learners into a course and say for each whether they were "added", "returned" or "present".

    Inside ``acting_in``; the caller has checked that the principal may.
    """
    of = course.organisation_id
    rows = Enrolment.objects.for_organisation(of).select_for_update().filter(course=course)
    present = {one.learner_id: one for one in rows.filter(learner__in=[learner for learner, _entry in learners])}
    added: list[Enrolment] = []
    changed: dict[UUID, Enrolment] = {}
    done = []
    for learner, entry in learners:
        given: dict[str, Any] = {} if entry.section is None else {"section": entry.section}
        given |= {} if entry.groups is None else {"groups": list(entry.groups)}
        enrolment = present.get(learner.pk)
        if enrolment is None:
            enrolment = Enrolment(organisation_id=of, course=course, learner=learner, **given)
            present[learner.pk] = enrolment
            added.append(enrolment)
            done.append("added")
            continue
        was_out = enrolment.withdrawn_at is not None
        if was_out or any(getattr(enrolment, name) != value for name, value in given.items()):
            for name, value in given.items():
                setattr(enrolment, name, value)
            enrolment.withdrawn_at = None
            changed[enrolment.pk] = enrolment
        done.append("returned" if was_out else "present")
    Enrolment.objects.bulk_create(added)
    new = {one.pk for one in added}
    kept = [one for one in changed.values() if one.pk not in new]
    Enrolment.objects.bulk_update(kept, ["section", "groups", "withdrawn_at"], batch_size=500)
    for enrolment in (*added, *kept):
        _record(principal, enrolment, "tutor.enrolled")
    return done


def change_enrolment(
    principal: Principal, course_id: UUID, learner_id: UUID, *, section: str, groups: Sequence[str]
) -> None:
    """Change a learner's section and groups. Raises as ``withdraw``."""
    with acting_in(principal.organisation_id):
        enrolment = _enrolment(principal, course_id, learner_id)
        enrolment.section, enrolment.groups = section, list(groups)
        enrolment.save(update_fields=["section", "groups"])
        _record(principal, enrolment, "tutor.enrolled")


def withdraw(principal: Principal, course_id: UUID, learner_id: UUID) -> None:
    """Take a learner out of a course. Their work stays; enrolling them again brings them back.

    Raises:
        Course.DoesNotExist, PermissionDenied, Enrolment.DoesNotExist.
    """
    with acting_in(principal.organisation_id):
        enrolment = _enrolment(principal, course_id, learner_id)
        enrolment.withdrawn_at = timezone.now()
        enrolment.save(update_fields=["withdrawn_at"])
        _record(principal, enrolment, "tutor.withdrawn")


def add_guardian(principal: Principal, course_id: UUID, learner_id: UUID, *, email: str) -> Guardian:
    """Let a guardian of the organisation read the learner's released results, where courses allow it.

    Raises:
        Course.DoesNotExist, PermissionDenied, Enrolment.DoesNotExist.
        CourseError: nobody of that address is a guardian here.
    """
    with acting_in(principal.organisation_id):
        enrolment = _enrolment(principal, course_id, learner_id)
        member = (
            Membership.objects.for_organisation(principal.organisation_id)
            .filter(person__email__iexact=email.strip(), role__in=GUARDIANS)
            .first()
        )
        if member is None:
            raise CourseError(_("Nobody with this address is a guardian here. Invite them to the organisation first."))
        made, is_new = Guardian.objects.for_organisation(principal.organisation_id).get_or_create(
            organisation_id=principal.organisation_id, learner_id=learner_id, person_id=member.person_id
        )
        if is_new:
            _record(principal, enrolment, "tutor.guardian_added", {"person": str(member.person_id)})
        return made


def remove_guardian(principal: Principal, course_id: UUID, learner_id: UUID, person_id: UUID) -> None:
    """Take a guardian's sight of the learner's results away. Raises as ``withdraw``."""
    with acting_in(principal.organisation_id):
        enrolment = _enrolment(principal, course_id, learner_id)
        links = Guardian.objects.for_organisation(principal.organisation_id).filter(learner_id=learner_id)
        if links.filter(person_id=person_id).delete()[0]:
            _record(principal, enrolment, "tutor.guardian_removed", {"person": str(person_id)})


def join(principal: Principal, code: str, *, name: str, email: str) -> Course:
    """Enrol the signed-in student in the course of a class code.

    ``name`` and ``email`` are of their account; a learner who stands in a list under that address is them.

    Raises:
        CourseError: the code opens no course, or the principal is no student.
    """
    if principal.kind != "person" or not principal.has_role(*LEARNERS):
        raise CourseError(_("Only students join a course by its code."))
    with acting_in(principal.organisation_id):
        course = (
            Course.objects.for_organisation(principal.organisation_id)
            .filter(class_code=code.strip().upper().replace(" ", "").replace("-", ""), archived_at=None)
            .first()
        )
        if course is None:
            raise CourseError(_("This code opens no course. Look at it again, or ask your teacher for a new one."))
        entry = Entry(name=name, email=email)
        learner = learner_of(principal) or match(principal.organisation_id, [(email,)])[0]
        if learner is None or learner.person_id not in {None, principal.id}:
            learner = _new(principal.organisation_id, entry)
            learner.save(force_insert=True)
        if learner.person_id is None:
            learner.person_id = principal.id
            learner.save(update_fields=["person"])
        place(principal, course, [(learner, entry)])
        return course


def enrolled_learner(principal: Principal, course_id: UUID, identifier: str) -> Learner:
    """Return the learner of the course with this number or address.

    Raises:
        Course.DoesNotExist, PermissionDenied.
        CourseError: nobody in the course has it.
    """
    course = course_for(principal, course_id, TEACHER)
    learner = match(principal.organisation_id, [(identifier,)])[0]
    places = Enrolment.objects.for_organisation(principal.organisation_id).filter(course=course, withdrawn_at=None)
    if learner is None or not places.filter(learner=learner).exists():
        raise CourseError(_("Nobody in this course has this number or address."))
    return learner


def _new(organisation_id: UUID, entry: Entry) -> Learner:
    return Learner(
        organisation_id=organisation_id, name=entry.name, email=entry.email.strip(), number=entry.number.strip()
    )


def link_accounts(organisation_id: UUID, learners: Sequence[tuple[Learner, str]]) -> None:
    """Connect learners with the students' accounts of their addresses, if nobody else is."""
    open_ones = {email.strip().lower(): one for one, email in learners if email and one.person_id is None}
    if not open_ones:
        return
    members = Membership.objects.for_organisation(organisation_id).filter(
        person__email__in=open_ones.keys(), role__in=LEARNERS
    )
    people = dict(members.values_list("person__email", "person_id"))
    taken = set(
        Learner.objects.for_organisation(organisation_id)
        .filter(person_id__in=people.values())
        .values_list("person_id", flat=True)
    )
    linked = []
    for email, learner in open_ones.items():
        person_id = people.get(email)
        if person_id is not None and person_id not in taken:
            learner.person_id = person_id
            linked.append(learner)
    Learner.objects.bulk_update(linked, ["person"], batch_size=500)


def _enrolment(principal: Principal, course_id: UUID, learner_id: UUID) -> Enrolment:
    course = course_for(principal, course_id, TEACHER)
    enrolments = Enrolment.objects.for_organisation(principal.organisation_id)
    return enrolments.select_for_update().get(course=course, learner_id=learner_id)


def _record(
    principal: Principal, enrolment: Enrolment, action: str, digests: Mapping[str, DigestValue] | None = None
) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=Ref("learner", enrolment.learner_id),
        object=Ref("course", enrolment.course_id),
        digests=digests,
    )
