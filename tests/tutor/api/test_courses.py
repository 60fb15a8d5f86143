"""Courses, people and set work over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
Post = Callable[..., Any]

QUESTION = {
    "prompt": "Why does ice float?",
    "points": "3.00",
    "references": ["Ice is less dense than water."],
    "criteria": [{"id": "density", "text": "Compares the densities"}],
    "skills": ["Density"],
}


def test_a_course_is_made_changed_and_put_away(api: APIClient, post: Post) -> None:
    made = post("courses", {"name": "Physics 10", "external_id": "sis-1"}, status=201)
    post(f"courses/{made['id']}", {"name": "Physics 10b", "archived": True}, method="patch")
    found = api.get("/api/tutor/courses?archived=true").data["results"]
    assert [(one["id"], one["name"], one["archived"]) for one in found] == [(made["id"], "Physics 10b", True)]


def test_a_write_that_is_repeated_has_one_effect(api: APIClient, post: Post) -> None:
    first = post("courses", {"name": "Twice"}, status=201, key="one")
    again = post("courses", {"name": "Twice"}, status=201, key="one")
    assert first["id"] == again["id"]
    names = [one["name"] for one in api.get("/api/tutor/courses").data["results"]]
    assert names.count("Twice") == 1


def test_a_key_that_comes_with_another_request_is_refused(post: Post) -> None:
    post("courses", {"name": "Twice"}, status=201, key="one")
    assert post("courses", {"name": "Other"}, status=409, key="one")["code"] == "idempotency_key_used"


def test_a_kept_reply_is_forgotten_after_a_day_without_another_call(school: School, post: Post) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from llmasos.api.models import KeptReply
    from tutor.tasks import take_up

    post("courses", {"name": "Twice"}, status=201, key="one")
    kept = KeptReply.objects.for_organisation(school.id)
    with acting_in(school.organisation):
        assert kept.update(created_at=timezone.now() - timedelta(hours=25)) == 1
    take_up()
    with acting_in(school.organisation):
        assert not kept.exists()


def test_a_request_that_failed_may_be_sent_again_under_its_key(school: School, post: Post) -> None:
    staff = {"email": "nobody@shop.example", "role": "teacher"}
    post(f"courses/{school.course.pk}/staff", staff, status=409, key="one")
    staff["email"] = "second@shop.example"
    assert post(f"courses/{school.course.pk}/staff", staff, key="one")["role"] == "teacher"


def test_a_class_list_gives_ids_in_its_order_and_names_no_one(school: School, post: Post) -> None:
    entries = [{"name": "Ada", "number": "1815", "groups": ["extra time"]}, {"name": "Pupil", "number": "Pupil"}]
    done = post(f"courses/{school.course.pk}/learners", {"learners": entries})
    assert (done["added"], done["present"], done["learners"][1]) == (1, 1, str(school.pupil.pk))
    assert "Ada" not in str(done)


def test_reading_the_class_list_is_recorded(school: School, api: APIClient, log: Callable[[str], list[Any]]) -> None:
    names = [one["name"] for one in api.get(f"/api/tutor/courses/{school.course.pk}/learners").data["results"]]
    assert names == ["Pupil", "Other"]
    (entry,) = log("tutor.roster_read")
    assert entry.digests["count"] == 2


def test_work_is_set_with_a_rubric_and_published(school: School, post: Post, api: APIClient) -> None:
    made = post(f"courses/{school.course.pk}/assignments", {"title": "Ice"}, status=201)
    question = post(f"assignments/{made['id']}/questions", QUESTION, status=201)
    assert [one["id"] for one in question["criteria"][0]["levels"]] == ["no", "yes"]
    post(f"questions/{question['id']}", {"references": ["Ice is lighter."]}, method="patch")
    versions = api.get(f"/api/tutor/questions/{question['id']}/rubrics").data["results"]
    assert [(one["number"], one["criteria"][0]["id"]) for one in versions] == [(2, "density"), (1, "density")]
    assert post(f"assignments/{made['id']}", {"state": "published"}, method="patch")["state"] == "published"


def test_an_assignment_without_questions_is_not_published(school: School, post: Post) -> None:
    made = post(f"courses/{school.course.pk}/assignments", {"title": "Empty"}, status=201)
    refused = post(f"assignments/{made['id']}", {"state": "published"}, method="patch", status=409)
    assert refused["detail"] == "Add a question first: there would be nothing to answer."


def test_a_choice_without_a_right_option_is_refused(school: School, post: Post) -> None:
    options = [{"id": "a", "text": "Lead"}, {"id": "b", "text": "Wood"}]
    question = {"kind": "choice", "prompt": "What floats?", "options": options}
    assert post(f"assignments/{school.assignment.pk}/questions", question, status=400)["param"] == "options"


def test_half_a_character_is_refused_wherever_it_stands(api: APIClient) -> None:
    reply = api.post("/api/tutor/courses", r'{"name": "a\ud800b"}', content_type="application/json")
    assert (reply.status_code, reply.data["code"]) == (400, "invalid_unicode")
