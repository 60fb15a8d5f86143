"""The demo school's exercises: written ones, and two taken over from work that is closed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from llmasos.accounts.principals import Principal
from tutor.demo import classroom
from tutor.models import Assignment, Course, Exercise, Skill
from tutor.practice import exercises

TAKEN_OVER = 2


def add_exercises(system: Principal, course: Course, closed: Assignment) -> None:
    """Write the exercises of the demo course, and take some questions of its closed work over."""
    skills = {one.name: one for one in Skill.objects.for_organisation(system.organisation_id).filter(course=course)}
    described = tomllib.loads((classroom.FOLDER / "exercises.toml").read_text(encoding="utf-8"))
    for one in described["exercises"]:
        exercises.save_exercise(system, course.pk, _values(one, skills))
    for question in [one for one in exercises.to_take_over(course) if one.assignment_id == closed.pk][:TAKEN_OVER]:
        exercises.take_over(system, course.pk, question.pk)


def _values(described: Mapping[str, Any], skills: Mapping[str, Skill]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "kind": described["kind"],
        "prompt": described["prompt"],
        "skill": skills[described["skill"]],
    }
    if described["kind"] == Exercise.Kind.CHOICE:
        options = described["options"]
        return values | {"options": options, "references": [one["text"] for one in options if one["correct"]]}
    values["references"] = described["references"]
    if described["kind"] == Exercise.Kind.NUMERIC:
        values |= {
            "numeric_value": described["value"],
            "numeric_unit": described["unit"],
            "numeric_tolerance": described["tolerance"],
            "numeric_tolerance_kind": described["tolerance_kind"],
        }
    return values
