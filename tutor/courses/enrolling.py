"""Who is in a course: learners enrolled one by one, from a list, or by a class code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.models import Membership
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.canonical import DigestValue
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.vault.blind import found_by
from tutor.courses.errors import CourseError
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
    """What a list did: learners new to the course, brought back, and those who were in it already."""

    added: int
    returned: int
    present: int


def enrol(principal: Principal, course_id: UUID, entries: Sequence[Entry]) -> Enrolled:
    """Enrol learners. One known by number or address is the same learner, whose name stays as it is.

    A learner whose address is that of a student's account here sees the course at once.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``.
        CourseError: an entry's number and address belong to two different learners.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        counts = {"added": 0, "returned": 0, "present": 0}
        for entry in entries:
            learner = _known(principal.organisation_id, entry) or _new(principal.organisation_id, entry)
            _link(learner, entry.email)
            counts[_enrol(principal, course, learner, entry)] += 1
        return Enrolled(**counts)


def known_learners(organisation_id: UUID, entries: Iterable[Entry]) -> set[int]:
    """Return the places in the list of those whom the organisation knows already. Inside ``acting_in``."""
    return {at for at, entry in enumerate(entries) if _known(organisation_id, entry) is not None}


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
        learner = learner_of(principal) or _known(principal.organisation_id, entry)
        if learner is None or learner.person_id not in {None, principal.id}:
            learner = _new(principal.organisation_id, entry)
        if learner.person_id is None:
            learner.person_id = principal.id
            learner.save(update_fields=["person"])
        _enrol(principal, course, learner, entry)
        return course


def enrolled_learner(principal: Principal, course_id: UUID, identifier: str) -> Learner:
    """Return the learner of the course with this number or address.

    Raises:
        Course.DoesNotExist, PermissionDenied.
        CourseError: nobody in the course has it.
    """
    course = course_for(principal, course_id, TEACHER)
    learner = _known(principal.organisation_id, Entry("", number=identifier))
    places = Enrolment.objects.for_organisation(principal.organisation_id).filter(course=course, withdrawn_at=None)
    if learner is None or not places.filter(learner=learner).exists():
        raise CourseError(_("Nobody in this course has this number or address."))
    return learner


def _known(organisation_id: UUID, entry: Entry) -> Learner | None:
    found: dict[UUID, Learner] = {}
    for identifier in filter(None, (entry.email.strip(), entry.number.strip())):
        matching = found_by(Learner, "identifier_index", organisation_id=organisation_id, text=identifier)
        for learner in Learner.objects.for_organisation(organisation_id).filter(matching):
            if identifier.casefold() in {learner.email.casefold(), learner.number.casefold()}:
                found[learner.pk] = learner
    if len(found) > 1:
        raise CourseError(_("A number and an address on one line belong to two different learners: correct that line."))
    return next(iter(found.values()), None)


def _new(organisation_id: UUID, entry: Entry) -> Learner:
    return Learner.objects.create(
        organisation_id=organisation_id, name=entry.name, email=entry.email.strip(), number=entry.number.strip()
    )


def _link(learner: Learner, email: str) -> None:
    """Connect the learner with the student's account of that address, if nobody else is."""
    if learner.person_id is not None or not email:
        return
    member = (
        Membership.objects.for_organisation(learner.organisation_id)
        .filter(person__email__iexact=email.strip(), role__in=LEARNERS)
        .first()
    )
    taken = Learner.objects.for_organisation(learner.organisation_id)
    if member is not None and not taken.filter(person_id=member.person_id).exists():
        learner.person_id = member.person_id
        learner.save(update_fields=["person"])


def _enrol(principal: Principal, course: Course, learner: Learner, entry: Entry) -> str:
    given = {
        **({} if entry.section is None else {"section": entry.section}),
        **({} if entry.groups is None else {"groups": list(entry.groups)}),
    }
    enrolment = (
        Enrolment.objects.for_organisation(course.organisation_id)
        .select_for_update()
        .filter(course=course, learner=learner)
        .first()
    )
    if enrolment is None:
        enrolment = Enrolment.objects.create(
            organisation_id=course.organisation_id, course=course, learner=learner, **given
        )
        _record(principal, enrolment, "tutor.enrolled")
        return "added"
    was_out = enrolment.withdrawn_at is not None
    changed = [name for name, value in given.items() if getattr(enrolment, name) != value]
    if was_out or changed:
        for name in changed:
            setattr(enrolment, name, given[name])
        enrolment.withdrawn_at = None
        enrolment.save(update_fields=[*changed, "withdrawn_at"])
        _record(principal, enrolment, "tutor.enrolled")
    return "returned" if was_out else "present"


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
