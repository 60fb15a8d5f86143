"""Rosters, class lists, questions and marks from files, and asked-for searches, with an API key."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from llmasos.accounts.tenancy import acting_in
from tests.tutor.api.conftest import caller, key_of
from tests.tutor.conftest import School
from tests.tutor.test_rosters import FILES, zipped

if TYPE_CHECKING:
    from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
Post = Callable[..., Any]
Log = Callable[[str], list[Any]]
QTI = (
    '<assessmentItem identifier="q1" title="Ice"><responseDeclaration identifier="R" cardinality="single"'
    ' baseType="string"/><itemBody><p>Why does ice float?</p><extendedTextInteraction responseIdentifier="R"/>'
    "</itemBody></assessmentItem>"
)


def sent(content: bytes | str, **fields: Any) -> dict[str, Any]:
    raw = content.encode() if isinstance(content, str) else content
    return {"file": base64.b64encode(raw).decode(), **fields}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be queued is done by the tests themselves."""
    from tutor.rosters import imports

    monkeypatch.setattr(imports, "publish", lambda organisation_id, import_id: None)


def finished(school: School, api: APIClient, upload: dict[str, Any]) -> dict[str, Any]:
    """Let the worker do an upload's step, and return how it came out."""
    from tutor.rosters import imports

    imports.work(school.id, upload["id"])
    found: dict[str, Any] = api.get(f"/api/tutor/roster-imports/{upload['id']}").data
    return found


def names_in(course: str) -> list[str]:
    from tutor.models import Enrolment

    rows = Enrolment.objects.filter(course__name=course, withdrawn_at=None).select_related("learner")
    return sorted(one.learner.name for one in rows)


def test_a_key_has_roster_files_looked_at_and_applied_and_the_log_names_it(
    school: School, api: APIClient, post: Post, log: Log
) -> None:
    looked = finished(school, api, post("roster-imports", sent(zipped(FILES)), status=202))
    assert (looked["step"], looked["finished"], looked["counts"]["learners_added"]) == ("check", True, 2)
    assert ("users.csv", 7) in [(one["file"], one["line"]) for one in looked["problems"]]
    done = finished(school, api, post(f"roster-imports/{looked['id']}/apply", status=202))
    assert (done["step"], done["state"]) == ("apply", "done")
    with acting_in(school.organisation):
        assert names_in("Latin 7b") == ["Ada Lovelace", "Alan Turing"]
    actors = {(one.actor_kind, one.actor_id) for one in [*log("tutor.roster_applied"), *log("tutor.learner_saved")]}
    assert len(actors) == 1
    assert actors.pop()[0] == "key"


def test_files_of_a_key_that_was_revoked_meanwhile_are_not_applied(school: School, api: APIClient, post: Post) -> None:
    from django.utils import timezone

    from llmasos.accounts.models import ApiKey

    looked = finished(school, api, post("roster-imports", sent(zipped(FILES)), status=202))
    post(f"roster-imports/{looked['id']}/apply", status=202)
    with acting_in(school.organisation):
        ApiKey.objects.for_organisation(school.id).update(revoked_at=timezone.now())
    done = finished(school, caller(key_of(school.organisation, "tutor")), looked)
    assert (done["state"], done["error_code"]) == ("failed", "forbidden")


def test_a_class_list_is_written_part_by_part_and_known_learners_stay_who_they_are(
    school: School, api: APIClient, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor.rosters import class_lists

    monkeypatch.setattr(class_lists, "AT_ONCE", 2)
    listed = "name,number\nAda,1\nAlan,2\nPupil,Pupil\nNobody,\n"
    looked = finished(school, api, post(f"courses/{school.course.pk}/class-lists", sent(listed), status=202))
    assert looked["counts"] == {"learners_added": 2, "added": 2, "present": 1}
    assert [one["line"] for one in looked["problems"]] == [5]
    done = finished(school, api, post(f"roster-imports/{looked['id']}/apply", status=202))
    assert (done["done"], done["total"]) == (3, 3)
    with acting_in(school.organisation):
        assert names_in("Physics 9") == ["Ada", "Alan", "Other", "Pupil"]


def test_files_that_are_discarded_are_gone(school: School, api: APIClient, post: Post) -> None:
    looked = finished(school, api, post("roster-imports", sent(zipped(FILES)), status=202))
    post(f"roster-imports/{looked['id']}", status=204, method="delete")
    assert api.get(f"/api/tutor/roster-imports/{looked['id']}").status_code == 404


def test_questions_of_a_file_are_looked_at_and_added(school: School, post: Post) -> None:
    address = f"assignments/{school.assignment.pk}/question-files"
    read = post(address, sent(QTI))
    assert [(one["kind"], one["prompt"]) for one in read["questions"]] == [("essay", "Why does ice float?")]
    made = post(f"{address}/import", sent(QTI, chosen=[0]), status=201)
    assert [one["prompt"] for one in made] == ["Why does ice float?"]
    assert post(f"{address}/import", sent(QTI, chosen=[]), status=201) == []


@pytest.mark.parametrize(("file", "code"), [("%%%", "invalid"), ("bm9uZQ==", "unreadable")])
def test_a_file_that_cannot_be_read_is_named_as_the_fault(school: School, post: Post, file: str, code: str) -> None:
    refused = post(f"assignments/{school.assignment.pk}/question-files", {"file": file}, status=400)
    assert (refused["param"], refused["errors"][0]["code"]) == ("file", code)


@pytest.fixture
def marks_api(school: School) -> Post:
    """Calls with a key that may bring in marks as well."""
    client = caller(key_of(school.organisation, "tutor", "marks"))

    def send(path: str, body: Any = None, *, status: int = 200) -> Any:
        reply = client.post(f"/api/tutor/{path}", body or {}, format="json")
        assert reply.status_code == status, reply.data
        return reply.data

    return send


def test_marks_of_people_come_in_as_they_were_looked_at_and_go_again(school: School, marks_api: Post, log: Log) -> None:
    from tutor.models import Mark

    answer = school.answer(school.pupil, "It evaporates.")
    address = f"assignments/{school.assignment.pk}/marks-imports"
    table = f"pseudonym,points\n{answer.submission.pseudonym},1.5\n"
    plan = marks_api(f"{address}/plan", sent(table))
    assert [(one["answer"], one["points"], one["effect"]) for one in plan["marks"]] == [(str(answer.pk), "1.50", "new")]
    marks_api(address, sent(table, digest="0" * 64), status=409)
    made = marks_api(address, sent(table, digest=plan["digest"]), status=201)
    assert (made["count"], made["person"]) == (1, None)
    with acting_in(school.organisation):
        mark = Mark.objects.get(answer=answer, withdrawn_at=None)
    assert (mark.origin, mark.marker_id) == ("imported", None)
    (entry,) = log("tutor.marked")
    assert (entry.actor_kind, str(entry.actor_id)) == ("key", made["program"])
    assert marks_api(f"marks-imports/{made['id']}/undo") == {"withdrawn": 1, "kept": 0}


def test_marks_need_a_key_with_the_scope_for_them(school: School, post: Post) -> None:
    school.answer(school.pupil, "It evaporates.")
    address = f"assignments/{school.assignment.pk}/marks-imports"
    assert post(f"{address}/plan", sent("number,points\nPupil,1\n"), status=403)["code"] == "scope_needed"


def test_a_program_takes_back_no_import_of_a_person(school: School, marks_api: Post) -> None:
    from tutor.models import MarksImport

    with acting_in(school.organisation):
        held = MarksImport.objects.create(
            organisation=school.organisation, assignment=school.assignment, person=school.teacher, count=1,
            client_id=school.id,
        )  # fmt: skip
    assert marks_api(f"marks-imports/{held.pk}/undo", status=403)["code"] == "person_needed"


def test_a_key_asks_for_similar_answers_and_for_tricks(school: School, api: APIClient, post: Post) -> None:
    for path in ("similar/search", "robustness/check"):
        address = f"questions/{school.question.pk}/{path}"
        assert api.get(f"/api/tutor/{address}").status_code == 404
        made = post(address, status=202)
        assert (made["state"], made["id"]) == ("queued", api.get(f"/api/tutor/{address}").data["id"])
