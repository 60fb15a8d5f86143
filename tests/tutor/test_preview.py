from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def preview_of(school: School) -> str:
    return f"/o/shop/tutor/assignments/{school.assignment.pk}/preview/"


def test_a_teacher_sees_the_questions_and_rules_of_a_learner_and_nothing_is_written(
    client: Client, school: School
) -> None:
    from tutor.models import Submission

    client.force_login(school.teacher, backend=BACKEND)
    page = client.get(preview_of(school)).content.decode()
    assert "This is a preview" in page
    assert "Why does a puddle vanish on a warm day?" in page
    assert "There is no deadline." in page
    assert "The water evaporates because heat" not in page
    assert client.post(preview_of(school)).status_code == 405
    with acting_in(school.organisation):
        assert not Submission.objects.exists()


def test_only_teachers_of_the_course_see_a_preview(client: Client, school: School) -> None:
    client.force_login(school.second_teacher, backend=BACKEND)
    assert client.get(preview_of(school)).status_code == 403
