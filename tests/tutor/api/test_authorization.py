"""Every operation of the tutor's API, as the schema lists them: whose key may do what. New ones are covered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.tutor.api.conftest import caller, key_of
from tests.tutor.conftest import School

pytestmark = pytest.mark.django_db

# Embeds what it is sent, and has nothing of anybody's to show.
WITHOUT_ROWS = {"tutor_propose"}


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    body: dict[str, Any]

    def at(self, ids: dict[str, Any]) -> str:
        path = self.path
        for name, value in ids.items():
            path = path.replace(f"{{{name}}}", str(value))
        assert "{" not in path, f"say what stands for the parameters of {self.path}"
        return path


def operations() -> list[Operation]:
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)
    return list(_of(schema["paths"]))


def _of(paths: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in paths.items():
        if not path.startswith("/api/tutor/"):
            continue
        for method, described in methods.items():
            content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
            examples = content.get("examples", {})
            body = next((one["value"] for one in examples.values()), {})
            yield Operation(described["operationId"], method, path, body)


@pytest.fixture
def ids(school: School) -> dict[str, Any]:
    """What stands for each parameter of a path: rows of the school, or an id of nothing."""
    answer = school.answer(school.pupil, "It evaporates.")
    return {
        "course_id": school.course.pk,
        "assignment_id": school.assignment.pk,
        "question_id": school.question.pk,
        "learner_id": school.pupil.pk,
        "person_id": school.teacher.pk,
        "answer_id": answer.pk,
        "submission_id": answer.submission_id,
        **dict.fromkeys(("term_id", "run_id", "group_id", "regrade_id", "pair_id", "import_id"), uuid4()),
    }


def test_every_operation_says_what_it_does_and_how_it_fails() -> None:
    from drf_spectacular.generators import SchemaGenerator

    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    described = [one for path, methods in paths.items() if "/api/tutor/" in path for one in methods.values()]
    assert [one["operationId"] for one in described if not one.get("summary")] == []
    assert [one["operationId"] for one in described if not {"401", "403", "404"} <= set(one["responses"])] == []


def test_nobody_calls_without_a_key(ids: dict[str, Any]) -> None:
    api = caller()
    answers = {one.name: getattr(api, one.method)(one.at(ids), one.body, format="json") for one in operations()}
    assert {name: reply.status_code for name, reply in answers.items() if reply.status_code != 401} == {}


def test_a_key_without_the_scope_calls_nothing(school: School, ids: dict[str, Any]) -> None:
    api = caller(key_of(school.organisation, "search"))
    answers = {one.name: getattr(api, one.method)(one.at(ids), one.body, format="json") for one in operations()}
    assert {name: reply.status_code for name, reply in answers.items() if reply.status_code != 403} == {}
    assert {reply["Content-Type"] for reply in answers.values()} == {"application/problem+json"}


def test_a_key_of_another_organisation_finds_nothing(school: School, other_organisation: Any, ids: Any) -> None:
    api = caller(key_of(other_organisation, "tutor"))
    decisions = {
        "tutor_mark_give", "tutor_release", "tutor_release_withdraw", "tutor_regrade_reply", "tutor_marks_plan",
        "tutor_marks_import",
    }  # fmt: skip
    wrong = {}
    for one in operations():
        if one.name in WITHOUT_ROWS:
            continue
        reply = getattr(api, one.method)(one.at(ids), one.body, format="json")
        if "{" in one.path and reply.status_code != (403 if one.name in decisions else 404):
            wrong[one.name] = reply.status_code
        held = reply.content.decode()
        assert not any(str(value) in held for name, value in ids.items() if not reply.status_code >= 400), one.name
    assert wrong == {}
