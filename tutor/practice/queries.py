"""Reads of practice, each recorded: what can be practised, an exercise with its hints, an answer with its check."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.learning.access import own_course, settings_of
from tutor.models import Course, Exercise, PracticeTry, Skill, SkillMastery
from tutor.practice import practising
from tutor.practice.choosing import next_exercises
from tutor.practice.exercises import open_exercises
from tutor.practice.hinting import Hint, hints_of
from tutor.work.rows import OptionRow
from tutor.work.services import several_may_be_right

RECENT = 10


@dataclass(frozen=True, slots=True)
class SkillToPractise:
    """A skill with exercises, and the one that comes next."""

    name: str
    exercises: int
    next_id: UUID
    due_at: datetime | None
    is_due: bool


@dataclass(frozen=True, slots=True)
class Practice:
    """What a learner can practise in a course, what is due first, and their latest answers."""

    course: Course
    is_on: bool
    skills: tuple[SkillToPractise, ...] = ()
    recent: tuple[PracticeTry, ...] = ()


@dataclass(frozen=True, slots=True)
class ExercisePage:
    """An exercise as it is worked on; ``more_hints``: whether another can be asked for."""

    exercise: Exercise
    begun: PracticeTry | None
    hints: tuple[Hint, ...]
    more_hints: bool
    options: tuple[OptionRow, ...]
    several: bool


def practice_of(principal: Principal, course_id: UUID) -> Practice:
    """Return the signed-in learner's practice in a course. Raises PermissionDenied, ``Course.DoesNotExist``."""
    learner, course = own_course(principal, course_id)
    if not settings_of(course).practice:
        return Practice(course, is_on=False)
    of = principal.organisation_id
    chosen = next_exercises(course, learner)
    counted = Counter(open_exercises(course).values_list("skill_id", flat=True))
    due = dict(SkillMastery.objects.for_organisation(of).filter(learner=learner).values_list("skill_id", "due_at"))
    now = timezone.now()
    skills = [
        SkillToPractise(
            skill.name, counted[skill.pk], chosen[skill.pk], due.get(skill.pk), skill.pk in due and due[skill.pk] <= now
        )
        for skill in Skill.objects.for_organisation(of).filter(course=course, pk__in=chosen)
    ]
    recent = PracticeTry.objects.for_organisation(of).filter(
        learner=learner, exercise__course=course, answered_at__isnull=False
    )
    _record(principal, learner.pk, course)
    return Practice(
        course,
        is_on=True,
        skills=tuple(sorted(skills, key=lambda one: (not one.is_due, one.name))),
        recent=tuple(recent.select_related("exercise__skill").defer("text").order_by("-answered_at")[:RECENT]),
    )


def exercise_page(principal: Principal, course_id: UUID, exercise_id: UUID) -> ExercisePage:
    """Return an exercise with the hints that the learner has taken. Raises as ``practising.open_exercise``."""
    learner, exercise = practising.open_exercise(principal, course_id, exercise_id)
    begun = practising.begun(learner, exercise)
    taken = begun.hints if begun is not None else 0
    _record(principal, learner.pk, exercise.course)
    return ExercisePage(
        exercise,
        begun,
        tuple(hints_of(exercise, taken)),
        exercise.course.collection_id is not None and (exercise.hints is None or taken < len(exercise.hints)),
        options_of(exercise, begun),
        several_may_be_right(exercise),
    )


def tried(principal: Principal, try_id: UUID) -> PracticeTry:
    """Return an own answer with its exercise. Raises PermissionDenied, ``PracticeTry.DoesNotExist``."""
    one = practising.own_try(principal, try_id)
    _record(principal, one.learner_id, one.exercise.course)
    return one


def options_of(exercise: Exercise, one: PracticeTry | None) -> tuple[OptionRow, ...]:
    """Return the options of a choice, with those that were chosen."""
    chosen = set(one.choices) if one is not None else set()
    return tuple(
        OptionRow(str(option["id"]), str(option["text"]), str(option["id"]) in chosen) for option in exercise.options
    )


def _record(principal: Principal, learner_id: UUID, course: Course) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.practice_read",
        subject=Ref("learner", learner_id),
        object=Ref("course", course.pk),
    )
