from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from tests.tutor.conftest import School

if TYPE_CHECKING:
    from llmasos.accounts.principals import Principal
    from tutor.models import Submission

pytestmark = pytest.mark.django_db
WORK = "/o/shop/tutor/work/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def pupil_client(client: Client, school: School) -> Client:
    client.force_login(school.pupil_person, backend=BACKEND)
    return client


def address(attempt: Submission, school: School) -> str:
    return f"{WORK}{attempt.pk}/answers/{school.question.pk}/"


def post_json(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")


def test_the_list_names_the_work_and_its_state(pupil_client: Client) -> None:
    page = pupil_client.get(WORK).content.decode()
    assert "Heat" in page
    assert "To do" in page


def test_the_list_leads_to_advice_and_practice_of_each_course(pupil_client: Client, school: School) -> None:
    page = pupil_client.get(WORK).content.decode()
    learn = f"/o/shop/tutor/learn/{school.course.pk}/"
    assert f'href="{learn}"' in page
    assert f'href="{learn}practice/"' in page


def test_the_list_does_not_lead_to_practice_that_is_switched_off(pupil_client: Client, school: School) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import LearningSettings

    with acting_in(school.id):
        LearningSettings.objects.create(organisation_id=school.id, course=school.course, practice=False)
    assert "/practice/" not in pupil_client.get(WORK).content.decode()


def test_the_list_is_for_learners(client: Client, school: School) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    assert client.get(WORK).status_code == 403


def test_a_student_in_no_course_is_told_what_to_do(client: Client, school: School) -> None:
    from tests.tutor.conftest import member

    client.force_login(member(school.organisation, "fresh", "student"), backend=BACKEND)
    assert "list of the course" in client.get(WORK).content.decode()


def test_late_rules_are_said_in_words(
    pupil_client: Client, school: School, change_assignment: Callable[..., None], due_in: Callable[..., None]
) -> None:
    due_in(days=1)
    change_assignment(late_days_allowed=3, late_percent_per_day=10, late_grace_minutes=15)
    page = pupil_client.get(f"{WORK}assignments/{school.assignment.pk}/").content.decode()
    assert "takes off 10 % of the points that you reach" in page
    assert "Up to 15 minutes after the deadline still counts as in time." in page


def test_a_save_answers_with_the_revision(pupil_client: Client, school: School, attempt: Submission) -> None:
    reply = post_json(pupil_client, address(attempt, school), text="Water", choices=[], revision=0)
    assert (reply.status_code, reply.json()["revision"]) == (200, 1)


def test_a_conflict_comes_with_both_texts(pupil_client: Client, school: School, attempt: Submission) -> None:
    post_json(pupil_client, address(attempt, school), text="First", revision=0)
    reply = post_json(pupil_client, address(attempt, school), text="Second", revision=0)
    assert reply.status_code == 409
    assert (reply.json()["text"], reply.json()["revision"]) == ("First", 1)


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"text": 1}', '{"text": "a", "revision": "x"}', '{"text": "a", "revision": 1e400}', "[" * 5000],
)
def test_what_is_no_save_is_refused(pupil_client: Client, school: School, attempt: Submission, body: str) -> None:
    reply = pupil_client.post(address(attempt, school), body, content_type="application/json")
    assert reply.status_code == 400


def test_half_a_character_does_no_harm(pupil_client: Client, school: School, attempt: Submission) -> None:
    reply = pupil_client.post(
        address(attempt, school), '{"text": "a\\ud83d\\u0000b", "revision": 0}', content_type="application/json"
    )
    assert reply.status_code == 200
    assert attempt.answers.get().text == "a?b"


def test_without_a_script_the_form_saves_and_goes_on_to_handing_in(
    pupil_client: Client, school: School, attempt: Submission
) -> None:
    key = school.question.pk
    reply = pupil_client.post(
        f"{WORK}{attempt.pk}/", {f"text-{key}": "Water", f"revision-{key}": "0", "then": "hand_in"}
    )
    assert reply.headers["Location"] == f"{WORK}{attempt.pk}/hand-in/"
    assert attempt.answers.get().text == "Water"


def test_without_a_script_a_conflict_shows_both_texts(
    pupil_client: Client, school: School, attempt: Submission
) -> None:
    key = school.question.pk
    post_json(pupil_client, address(attempt, school), text="From the phone", revision=0)
    reply = pupil_client.post(f"{WORK}{attempt.pk}/", {f"text-{key}": "From the desk", f"revision-{key}": "0"})
    page = reply.content.decode()
    assert reply.status_code == 409
    assert "From the phone" in page
    assert "From the desk" in page


def test_before_handing_in_empty_questions_are_named(pupil_client: Client, school: School, attempt: Submission) -> None:
    page = pupil_client.get(f"{WORK}{attempt.pk}/hand-in/").content.decode()
    assert "One question has no answer yet" in page


def test_after_handing_in_there_is_a_receipt_with_the_digest(
    pupil_client: Client, school: School, attempt: Submission
) -> None:
    page = pupil_client.post(f"{WORK}{attempt.pk}/hand-in/", follow=True).content.decode()
    attempt.refresh_from_db()
    assert len(attempt.digest) == 64
    assert attempt.digest in page


def test_someone_elses_attempt_does_not_exist(client: Client, school: School, attempt: Submission) -> None:
    client.force_login(school.other_pupil_person, backend=BACKEND)
    for path in ("", "hand-in/", "receipt/", f"answers/{school.question.pk}/file/"):
        assert client.get(f"{WORK}{attempt.pk}/{path}").status_code == 404


def test_the_browsers_key_is_another_for_each_attempt(school: School, pupil: Principal, attempt: Submission) -> None:
    from tutor.models import Submission
    from tutor.work.drafts import draft_key

    assert len(bytes.fromhex(draft_key(attempt))) == 32
    assert draft_key(attempt) != draft_key(Submission())


def test_work_can_be_listed_by_course(pupil_client: Client, school: School, acting: None) -> None:
    from tutor.models import Assignment, Course, Enrolment

    owned = {"organisation": school.organisation}
    other = Course.objects.create(**owned, name="Chemistry 9")
    Enrolment.objects.create(**owned, course=other, learner=school.pupil)
    Assignment.objects.create(**owned, course=other, title="Salts", state="published")
    page = pupil_client.get(f"{WORK}?course={other.pk}").content.decode()
    assert "Salts" in page
    assert "Heat" not in page


def test_a_long_list_comes_in_pages(pupil_client: Client, school: School, acting: None) -> None:
    from tutor.models import Assignment

    Assignment.objects.bulk_create(
        Assignment(organisation=school.organisation, course=school.course, title=f"Work {n}", state="published")
        for n in range(60)
    )
    assert 'aria-label="Pages"' in pupil_client.get(WORK).content.decode()


def test_work_of_other_courses_is_not_listed(pupil_client: Client, school: School, acting: None) -> None:
    from tutor.models import Assignment, Course

    owned = {"organisation": school.organisation}
    foreign = Assignment.objects.create(
        **owned, course=Course.objects.create(**owned, name="Elsewhere"), title="Not mine", state="published"
    )
    assert "Not mine" not in pupil_client.get(WORK).content.decode()
    assert pupil_client.get(f"{WORK}assignments/{foreign.pk}/").status_code == 404
