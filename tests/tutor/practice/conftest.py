from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.tutor.conftest import School
from tests.tutor.learning.conftest import compute, marked, page, skill
from tests.tutor.marking.conftest import log

if TYPE_CHECKING:
    from tutor.models import Exercise, PracticeTry, Skill

__all__ = ["compute", "log", "marked", "page", "skill"]


@pytest.fixture
def exercise(school: School, skill: Skill) -> Callable[..., Exercise]:
    """An exercise of the course on its skill: a number, unless told otherwise."""

    def make(**values: Any) -> Exercise:
        from tutor.practice.exercises import save_exercise

        number = {"kind": "numeric", "prompt": "How much is two and two?", "numeric_value": 4.0, "references": ["4"]}
        return save_exercise(school.principal(school.teacher), school.course.pk, {"skill": skill, **number, **values})

    return make


@pytest.fixture
def answer(school: School) -> Callable[..., PracticeTry]:
    """The pupil's answer to an exercise."""

    def give(exercise: Exercise, text: str = "", *choices: str, try_id: Any = None, person: Any = None) -> PracticeTry:
        from tutor.practice.practising import answer
        from tutor.work.writing import Written

        principal = school.principal(person or school.pupil_person)
        return answer(principal, school.course.pk, exercise.pk, Written(text, choices), try_id=try_id or uuid4())

    return give
