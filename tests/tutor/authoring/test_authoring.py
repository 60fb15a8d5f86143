from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

pytestmark = pytest.mark.django_db
TUTOR = "/o/shop/tutor/"
BACKEND = "django.contrib.auth.backends.ModelBackend"
NO_CRITERIA = {"criteria-TOTAL_FORMS": "0", "criteria-INITIAL_FORMS": "0"}


@pytest.fixture
def teacher(client: Client, school: School) -> Client:
    client.force_login(school.teacher, backend=BACKEND)
    return client


def criteria(*rows: tuple[str, str]) -> dict[str, str]:
    data = {"criteria-TOTAL_FORMS": str(len(rows)), "criteria-INITIAL_FORMS": "0"}
    for number, (text, levels) in enumerate(rows):
        data |= {f"criteria-{number}-text": text, f"criteria-{number}-levels": levels, f"criteria-{number}-weight": "1"}
    return data


def add(teacher: Client, school: School, **values: str) -> Any:
    address = f"{TUTOR}assignments/{school.assignment.pk}/questions/new/"
    return teacher.post(address, {"prompt": "Why?", "points": "2", **NO_CRITERIA, **values}, follow=True)


def latest(school: School) -> Any:
    from tutor.models import Question

    with acting_in(school.organisation):
        return Question.objects.for_organisation(school.id).select_related("rubric").latest("created_at")


def test_work_is_set_from_the_first_page_to_the_published_question(teacher: Client, school: School) -> None:
    values = {"title": "Light", "attempts_allowed": "1", "late_days_allowed": "0", "late_percent_per_day": "0",
              "late_grace_minutes": "0", "second_marking_percent": "0"}  # fmt: skip
    made = teacher.post(f"{TUTOR}courses/{school.course.pk}/assignments/new/", values)
    assert "No questions yet" in teacher.get(made.url).content.decode()
    assert (
        "Add a question first" in teacher.post(f"{made.url}state/", {"act": "published"}, follow=True).content.decode()
    )
    teacher.post(
        f"{made.url}questions/new/", {"kind": "short", "prompt": "What is light?", "points": "2", **NO_CRITERIA}
    )
    assert "Published" in teacher.post(f"{made.url}state/", {"act": "published"}, follow=True).content.decode()


def test_criteria_are_yes_or_no_or_have_levels(teacher: Client, school: School) -> None:
    add(teacher, school, kind="essay", **criteria(("Position", ""), ("Evidence", "0 = None\n1,5 = Some\n3 = Much")))
    first, second = latest(school).rubric.criteria
    assert [one["label"] for one in first["levels"]] == ["No", "Yes"]
    assert [(one["points"], one["label"]) for one in second["levels"]] == [(0, "None"), (1.5, "Some"), (3, "Much")]


def test_a_level_without_points_is_refused_and_nothing_is_lost(teacher: Client, school: School) -> None:
    page = add(teacher, school, kind="essay", prompt="Kept words", **criteria(("Position", "good"))).content.decode()
    assert "Write each level as" in page
    assert "Kept words" in page


def test_options_need_a_right_one(teacher: Client, school: School) -> None:
    assert "at least one right option" in add(teacher, school, kind="choice", options="Oxygen\nIron").content.decode()
    add(teacher, school, kind="choice", options="* Oxygen\nIron")
    assert [(one["text"], one["correct"]) for one in latest(school).options] == [("Oxygen", True), ("Iron", False)]


def test_the_feedback_of_options_stays_when_a_question_is_changed(teacher: Client, school: School) -> None:
    add(teacher, school, kind="choice", options="* Oxygen\nIron")
    made = latest(school)
    with acting_in(school.organisation):
        made.options[1]["feedback"] = "A metal."
        made.save()
    address = f"/o/shop/tutor/questions/{made.pk}/edit/"
    values = {"prompt": made.prompt, "points": "1", "options": "Helium\nIron\n* Oxygen"}
    teacher.post(address, {**values, "criteria-TOTAL_FORMS": "0", "criteria-INITIAL_FORMS": "0"})
    assert [(one["text"], one["feedback"]) for one in latest(school).options] == [
        ("Helium", ""), ("Iron", "A metal."), ("Oxygen", ""),
    ]  # fmt: skip


def test_a_number_has_a_value_and_a_tolerance(teacher: Client, school: School) -> None:
    add(teacher, school, kind="numeric", numeric_value="9.81", numeric_unit="m/s", numeric_tolerance="2",
        numeric_tolerance_kind="relative")  # fmt: skip
    made = latest(school)
    assert (made.numeric_value, made.numeric_tolerance_kind, made.rubric.references) == (9.81, "relative", ["9.81 m/s"])


def save(school: School, **content: Any) -> Any:
    from tutor.authoring.services import QuestionContent, save_question

    values = {"kind": "short", "prompt": "Why?", "points": Decimal(2), **content.pop("values", {})}
    question_id = content.pop("question_id", None)
    principal = school.principal(school.teacher)
    return save_question(principal, school.assignment.pk, QuestionContent(values, **content), question_id=question_id)


def test_the_same_content_is_the_same_version(school: School) -> None:
    one = save(school, references=["Because."])
    numbers = [
        save(school, references=references, question_id=one.pk).rubric.number
        for references in (["Because."], ["Therefore."], ["Because."])
    ]
    assert numbers == [1, 2, 1]


def test_an_answered_question_does_not_become_another(school: School) -> None:
    from tutor.authoring.errors import AuthoringError
    from tutor.authoring.services import delete_question

    school.answer(school.pupil, "It dries.")
    with pytest.raises(AuthoringError):
        save(school, values={"kind": "numeric"}, question_id=school.question.pk)
    with pytest.raises(AuthoringError):
        delete_question(school.principal(school.teacher), school.question.pk)


def test_questions_move_and_stay_in_order(school: School) -> None:
    from tutor.authoring.services import move_question
    from tutor.models import Question

    second = save(school)
    move_question(school.principal(school.teacher), second.pk, up=True)
    with acting_in(school.organisation):
        order = Question.objects.for_organisation(school.id).order_by("position").values_list("pk", flat=True)
        assert list(order) == [second.pk, school.question.pk]


def test_a_copy_is_a_draft_with_the_same_questions_and_rubrics(school: School) -> None:
    from tutor.authoring.services import duplicate_assignment
    from tutor.models import Question

    copy = duplicate_assignment(school.principal(school.teacher), school.assignment.pk)
    with acting_in(school.organisation):
        question = Question.objects.for_organisation(school.id).select_related("rubric").get(assignment=copy)
        assert (copy.state, copy.title, question.prompt) == ("draft", "Heat (copy)", school.question.prompt)
        assert question.rubric is not None
        assert len(question.rubric.criteria) == 2


def test_work_that_somebody_has_begun_is_not_deleted(school: School) -> None:
    from tutor.authoring.errors import AuthoringError
    from tutor.authoring.services import delete_assignment, set_state

    school.answer(school.pupil, "It dries.")
    principal = school.principal(school.teacher)
    with pytest.raises(AuthoringError):
        set_state(principal, school.assignment.pk, "draft")
    with pytest.raises(AuthoringError):
        delete_assignment(principal, school.assignment.pk)


def test_an_extension_is_later_than_the_deadline(school: School) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from tutor.authoring.errors import AuthoringError
    from tutor.authoring.services import change_assignment, set_extension
    from tutor.models import Extension

    principal, now = school.principal(school.teacher), timezone.now()
    change_assignment(principal, school.assignment.pk, {"due_at": now})
    with pytest.raises(AuthoringError):
        set_extension(principal, school.assignment.pk, school.pupil.pk, due_at=now)
    set_extension(principal, school.assignment.pk, school.pupil.pk, due_at=now + timedelta(days=2), reason="Ill")
    with acting_in(school.organisation):
        assert Extension.objects.for_organisation(school.id).get().reason == "Ill"


def test_only_teachers_set_work(school: School) -> None:
    from tutor.authoring.services import add_assignment

    with pytest.raises(PermissionDenied):
        add_assignment(school.principal(school.second_teacher), school.course.pk, {"title": "Mine"})


def test_more_time_is_given_by_number_and_taken_away(teacher: Client, school: School) -> None:
    from django.utils import timezone

    from tutor.authoring.services import change_assignment

    change_assignment(school.principal(school.teacher), school.assignment.pk, {"due_at": timezone.now()})
    address = f"{TUTOR}assignments/{school.assignment.pk}/extensions/"
    later = {"due_at": "2099-01-01T12:00", "reason": "Ill"}
    assert "Nobody in this course" in teacher.post(address, {"identifier": "R999", **later}).content.decode()
    page = teacher.post(address, {"identifier": school.pupil.number, **later}, follow=True).content.decode()
    assert "Ill" in page
    page = teacher.post(address, {"remove": str(school.pupil.pk)}, follow=True).content.decode()
    assert "The same deadline holds for everybody." in page
