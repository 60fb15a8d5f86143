"""Skills of a course: what its questions ask for, and what a learner's progress is told by."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.canonical import DigestValue
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.errors import CourseError
from tutor.models import Course, Skill
from tutor.permissions import TEACHER, course_for

LONGEST = 120


def skills_of(course: Course) -> QuerySet[Skill]:
    """Return the skills of a course by name, with ``asked``, the number of questions that need each."""
    found = Skill.objects.for_organisation(course.organisation_id).filter(course=course)
    return found.annotate(asked=Count("question_links")).order_by("name")


def add_skill(principal: Principal, course_id: UUID, name: str) -> Skill:
    """Add a skill to a course.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``; only teachers of the course do.
        CourseError: the name is empty or taken.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        skill = Skill(organisation_id=principal.organisation_id, course=course)
        _name(skill, name)
        _record(principal, skill)
        return skill


def rename_skill(principal: Principal, course_id: UUID, skill_id: UUID, name: str) -> Skill:
    """Give a skill another name; its questions keep it. Raises as ``add_skill``, and Skill.DoesNotExist."""
    with acting_in(principal.organisation_id):
        skill = _skill(principal, course_id, skill_id)
        _name(skill, name)
        _record(principal, skill)
        return skill


def delete_skill(principal: Principal, course_id: UUID, skill_id: UUID) -> None:
    """Delete a skill; questions need it no longer. Raises as ``rename_skill``."""
    with acting_in(principal.organisation_id):
        skill = _skill(principal, course_id, skill_id)
        _record(principal, skill, {"deleted": True})
        skill.delete()


def _skill(principal: Principal, course_id: UUID, skill_id: UUID) -> Skill:
    course = course_for(principal, course_id, TEACHER)
    skills = Skill.objects.for_organisation(principal.organisation_id)
    return skills.select_for_update().get(course=course, pk=skill_id)


def _name(skill: Skill, name: str) -> None:
    skill.name = " ".join(name.split())[:LONGEST]
    if not skill.name:
        raise CourseError(_("A skill needs a name."))
    others = Skill.objects.for_organisation(skill.organisation_id).filter(course_id=skill.course_id)
    if others.exclude(pk=skill.pk).filter(name__iexact=skill.name).exists():
        raise CourseError(_("The course has a skill with this name already."))
    skill.save()


def _record(principal: Principal, skill: Skill, digests: Mapping[str, DigestValue] | None = None) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.skill_changed",
        object=Ref("course", skill.course_id),
        digests={"skill": str(skill.pk), **(digests or {})},
    )
