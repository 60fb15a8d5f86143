from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def teacher(client: Client, school: School) -> Client:
    client.force_login(school.teacher, backend=BACKEND)
    return client


def page_of(school: School) -> str:
    return f"/o/shop/tutor/courses/{school.course.pk}/skills/"


def skill(school: School, name: str) -> Any:
    from tutor.courses.skills import add_skill

    return add_skill(school.principal(school.teacher), school.course.pk, name)


def names_of_question(school: School) -> list[str]:
    with acting_in(school.organisation):
        return [one.name for one in school.question.skills.all()]


def test_a_skill_is_added_renamed_and_deleted(teacher: Client, school: School) -> None:
    from tutor.models import Skill

    assert "Evaporation" in teacher.post(page_of(school), {"name": " Evaporation "}, follow=True).content.decode()
    with acting_in(school.organisation):
        made = Skill.objects.get(name="Evaporation")
    teacher.post(page_of(school), {"rename": str(made.pk), "name": "Change of state"})
    assert "Change of state" in teacher.get(page_of(school)).content.decode()
    page = teacher.post(page_of(school), {"delete": str(made.pk)}, follow=True).content.decode()
    assert "Change of state" not in page


def test_a_skill_has_a_name_of_its_own(teacher: Client, school: School) -> None:
    skill(school, "Energy")
    page = teacher.post(page_of(school), {"name": "energy"}, follow=True).content.decode()
    assert "with this name already" in page


def test_a_second_marker_changes_no_skills(school: School) -> None:
    from tutor.courses.skills import add_skill

    with pytest.raises(PermissionDenied):
        add_skill(school.principal(school.second_teacher), school.course.pk, "Mine")


def test_a_question_takes_skills_of_the_course_and_new_ones(teacher: Client, school: School) -> None:
    energy = skill(school, "Energy")
    address = f"/o/shop/tutor/questions/{school.question.pk}/edit/"
    values = {
        "prompt": "Why?", "points": "2", "skills": "Energy", "more_skills": "Evaporation; Energy",
        "criteria-TOTAL_FORMS": "0", "criteria-INITIAL_FORMS": "0",
    }  # fmt: skip
    teacher.post(address, values)
    assert names_of_question(school) == ["Energy", "Evaporation"]
    teacher.post(page_of(school), {"delete": str(energy.pk)})
    assert names_of_question(school) == ["Evaporation"]
