"""Exercises are written, taken over from closed work, and retired here, by the staff of a course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.models import Assignment, Course, Exercise, Question
from tutor.permissions import ASSISTANT, TEACHER, course_for
from tutor.practice.errors import PracticeError

AUTHORS = (TEACHER, ASSISTANT)
KINDS: Final = (Exercise.Kind.SHORT, Exercise.Kind.NUMERIC, Exercise.Kind.CHOICE)
_TAKEN_OVER: Final = (
    "kind", "prompt", "numeric_value", "numeric_unit", "numeric_tolerance", "numeric_tolerance_kind", "options",
)  # fmt: skip


def open_exercises(course: Course) -> QuerySet[Exercise]:
    """Return what can be practised now: nothing retired, and nothing of work that is open again."""
    return Exercise.objects.for_organisation(course.organisation_id).filter(
        Q(source=None) | Q(source__assignment__state=Assignment.State.CLOSED), course=course, retired_at=None
    )


def exercises_of(course: Course) -> list[Exercise]:
    """Return the exercises of a course by skill, the retired ones last."""
    found = Exercise.objects.for_organisation(course.organisation_id).filter(course=course)
    return sorted(
        found.select_related("skill", "source__assignment"),
        key=lambda one: (one.retired_at is not None, one.skill.name, one.created_at),
    )


def exercise_of(course: Course, exercise_id: UUID) -> Exercise:
    """Return an exercise of the course, retired or not. Raises ``Exercise.DoesNotExist``."""
    return Exercise.objects.for_organisation(course.organisation_id).get(pk=exercise_id, course=course)


def to_take_over(course: Course) -> list[Question]:
    """Return the questions of closed work that name a skill, can be checked, and are no exercise yet."""
    taken = Exercise.objects.for_organisation(course.organisation_id).filter(course=course, source__isnull=False)
    questions = Question.objects.for_organisation(course.organisation_id).filter(
        assignment__course=course,
        assignment__state=Assignment.State.CLOSED,
        kind__in=KINDS,
        skill_links__isnull=False,
    )
    return list(
        questions.exclude(pk__in=taken.values("source"))
        .select_related("assignment")
        .distinct()
        .order_by("-assignment__created_at", "position")
    )


def save_exercise(
    principal: Principal, course_id: UUID, values: Mapping[str, Any], exercise_id: UUID | None = None
) -> Exercise:
    """Write an exercise of a course, or change one; its hints are looked for anew.

    Raises:
        Course.DoesNotExist, PermissionDenied, Exercise.DoesNotExist.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, *AUTHORS)
        if exercise_id is None:
            exercise = Exercise(organisation_id=principal.organisation_id, course=course)
        else:
            exercise = exercise_of(course, exercise_id)
        for name, value in values.items():
            setattr(exercise, name, value)
        exercise.hints = None
        exercise.save()
        _record(principal, exercise)
        return exercise


def take_over(principal: Principal, course_id: UUID, question_id: UUID) -> int:
    """Make a question of closed work an exercise for each of its skills; return how many are new.

    Raises:
        Course.DoesNotExist, PermissionDenied.
        PracticeError: there is no such question, or its work is open.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, *AUTHORS)
        question = next((one for one in to_take_over(course) if one.pk == question_id), None)
        if question is None:
            raise PracticeError(_("Only questions of closed work can be practised. Close the work first."))
        rubric = question.rubric
        skills = list(question.skills.all())
        for skill in skills:
            exercise = Exercise.objects.create(
                organisation_id=principal.organisation_id,
                course=course,
                skill=skill,
                source=question,
                references=rubric.references if rubric is not None else [],
                **{name: getattr(question, name) for name in _TAKEN_OVER},
            )
            _record(principal, exercise)
        return len(skills)


def set_retired(principal: Principal, course_id: UUID, exercise_id: UUID, *, retired: bool) -> None:
    """Offer an exercise no longer, or again; what was practised on it stays. Raises as ``save_exercise``."""
    with acting_in(principal.organisation_id):
        exercise = exercise_of(course_for(principal, course_id, *AUTHORS), exercise_id)
        exercise.retired_at = timezone.now() if retired else None
        exercise.save(update_fields=["retired_at"])
        _record(principal, exercise, retired=retired)


def _record(principal: Principal, exercise: Exercise, *, retired: bool = False) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.exercise_saved",
        object=Ref("course", exercise.course_id),
        digests={
            "exercise": str(exercise.pk),
            "source": str(exercise.source_id) if exercise.source_id else "",
            "retired": retired,
        },
    )
