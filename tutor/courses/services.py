"""Courses are made and changed here: each write once, with its permission and its log entry."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.models import Membership
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.canonical import DigestValue
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.errors import CourseError
from tutor.models import Course, CourseStaff
from tutor.permissions import STAFF, TEACHER, course_for, may_add_courses

# Without letters and digits that are read as one another.
_CODE_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH: Final = 8
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def add_course(principal: Principal, values: Mapping[str, Any]) -> Course:
    """Make a course with these fields; the person who makes it is its first teacher.

    Raises:
        PermissionDenied: the principal is no teacher or administrator of the organisation, and no program that
            reaches every course of it.
        CourseError: the language is none.
    """
    if not may_add_courses(principal):
        raise PermissionDenied("courses are made by teachers and administrators")
    _check_language(values)
    with acting_in(principal.organisation_id):
        course = Course.objects.create(organisation_id=principal.organisation_id, **values)
        if principal.kind == "person" and principal.id is not None:
            CourseStaff.objects.create(
                organisation_id=principal.organisation_id, course=course, person_id=principal.id, role=TEACHER
            )
        _record(principal, course, "tutor.course_saved")
        return course


def change_course(principal: Principal, course_id: UUID, values: Mapping[str, Any]) -> Course:
    """Change fields of a course.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``; only teachers of the course change it.
        CourseError: the language is none.
    """
    _check_language(values)
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        for name, value in values.items():
            setattr(course, name, value)
        course.save(update_fields=list(values))
        _record(principal, course, "tutor.course_saved")
        return course


def _check_language(values: Mapping[str, Any]) -> None:
    # With a word that names no language every answer would be taken for one in another language.
    if "language" in values and not _LANGUAGE.fullmatch(values["language"]):
        raise CourseError(_("Write the language as a tag such as en, de or zh."))


def set_archived(principal: Principal, course_id: UUID, *, archived: bool) -> Course:
    """Take a course out of the lists, or bring it back. Nothing in it is lost. Raises as ``change_course``."""
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        course.archived_at = timezone.now() if archived else None
        course.save(update_fields=["archived_at"])
        _record(principal, course, "tutor.course_archived", {"archived": archived})
        return course


def set_staff(principal: Principal, course_id: UUID, *, email: str, role: str) -> CourseStaff:
    """Give a teacher or administrator of the organisation a part in the course, or another part than before.

    Raises:
        Course.DoesNotExist, PermissionDenied.
        CourseError: nobody of that address teaches here, or it would leave the course without a teacher.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        member = (
            Membership.objects.for_organisation(principal.organisation_id)
            .filter(person__email__iexact=email.strip(), role__in=STAFF)
            .first()
        )
        if member is None:
            raise CourseError(_("Nobody with this address teaches here. Invite them to the organisation first."))
        if role != TEACHER:
            _refuse_without_teacher(course, leaving=member.person_id)
        made, _is_new = CourseStaff.objects.for_organisation(principal.organisation_id).update_or_create(
            organisation_id=principal.organisation_id,
            course=course,
            person_id=member.person_id,
            defaults={"role": role},
        )
        _record(principal, course, "tutor.staff_changed", {"person": str(member.person_id), "role": role})
        return made


def remove_staff(principal: Principal, course_id: UUID, person_id: UUID) -> None:
    """Take a person's part in the course away; whoever has none stays without.

    Raises:
        Course.DoesNotExist, PermissionDenied.
        CourseError: it would leave the course without a teacher.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        _refuse_without_teacher(course, leaving=person_id)
        CourseStaff.objects.for_organisation(principal.organisation_id).filter(
            course=course, person_id=person_id
        ).delete()
        _record(principal, course, "tutor.staff_changed", {"person": str(person_id), "role": ""})


def renew_class_code(principal: Principal, course_id: UUID) -> Course:
    """Give the course a new class code; the one before opens nothing any more. Raises as ``change_course``."""
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        course.class_code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
        course.save(update_fields=["class_code"])
        _record(principal, course, "tutor.class_code_changed", {"open": True})
        return course


def close_class_code(principal: Principal, course_id: UUID) -> Course:
    """Let nobody join by code any more. Raises as ``change_course``."""
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        course.class_code = None
        course.save(update_fields=["class_code"])
        _record(principal, course, "tutor.class_code_changed", {"open": False})
        return course


def _refuse_without_teacher(course: Course, *, leaving: UUID) -> None:
    teachers = CourseStaff.objects.for_organisation(course.organisation_id).filter(course=course, role=TEACHER)
    if teachers.filter(person_id=leaving).exists() and not teachers.exclude(person_id=leaving).exists():
        raise CourseError(_("A course needs a teacher. Make somebody else a teacher first."))


def _record(
    principal: Principal, course: Course, action: str, digests: Mapping[str, DigestValue] | None = None
) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("course", course.pk),
        digests=digests,
    )
