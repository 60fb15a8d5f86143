from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from llmasos import AsyncClient, Criterion, GradedAnswer, Level, UnexpectedReplyError, WorkFailedError
from llmasos.client.decoding import decoded
from llmasos.client.tutor import files, marking
from llmasos.client.tutor.types import Run
from tests.client.servers import Script, call, client

both = pytest.mark.parametrize("kind", ["blocking", "asynchronous"])

PROPOSAL: dict[str, Any] = {
    "answer_id": "1",
    "decision": "proposed",
    "reason": "",
    "score": 0.5,
    "points": 1.0,
    "confidence": 0.8,
    "situation": "neighbours",
    "criteria": [
        {
            "criterion_id": "energy",
            "level_id": "yes",
            "points": 1.0,
            "confidence": 0.8,
            "evidence": [3, 12],
            "missing": ["surface"],
            "neighbours": [{"answer_id": "graded-1", "score": 1.0, "similarity": 0.9}],
        }
    ],
}


@both
def test_answers_are_numbered_and_graded_ones_named(kind: str) -> None:
    script = Script(httpx.Response(200, json={"proposals": [PROPOSAL], "model_digest": "d"}))
    criterion = Criterion("energy", "Says why", levels=(Level("none", 0), Level("full", 2, label="Full")))
    call(
        kind,
        script,
        lambda it: it.tutor.propose(
            question="Why?", answers=["Because"], criteria=[criterion], graded=[GradedAnswer("So", 1.0)], max_points=2
        ),
    )
    body = script.body()
    assert body["answers"] == [{"id": "1", "text": "Because"}]
    assert body["graded"] == [{"id": "graded-1", "text": "So", "score": 1.0, "levels": {}}]
    assert body["criteria"][0]["levels"] == [{"id": "none", "points": 0}, {"id": "full", "points": 2, "label": "Full"}]


@both
def test_a_proposal_comes_back_typed(kind: str) -> None:
    script = Script(httpx.Response(200, json={"proposals": [PROPOSAL], "model_digest": "d"}))
    (proposal,) = call(
        kind, script, lambda it: it.tutor.propose(question="Why?", answers={"a": "Because"}, references=["So"])
    )
    assert proposal.proposed
    assert proposal.criteria[0].evidence == (3, 12)
    assert proposal.criteria[0].neighbours[0].similarity == 0.9


@both
def test_another_body_is_an_unexpected_reply(kind: str) -> None:
    script = Script(httpx.Response(200, json={"marks": []}))
    with pytest.raises(UnexpectedReplyError):
        call(kind, script, lambda it: it.tutor.propose(question="Why?", answers=["a"], references=["b"]))


COURSE = {
    "id": "c1",
    "name": "Physics",
    "code": "",
    "external_id": "",
    "language": "en",
    "term": None,
    "archived": False,
    "learners": 2,
    "assignments": 1,
    "created_at": "2026-11-28T10:00:00Z",
    "a_field_of_tomorrow": 1,
}
RUN = {
    "id": "r1", "reason": "first", "state": "running", "total": 4, "done": 1, "error_code": "", "rubric_number": 1,
    "model_digest": "", "marks_seen": 0, "created_at": "2026-11-28T10:00:00Z", "finished_at": None, "applied": False,
    "waiting": False,
}  # fmt: skip


def reply(**body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def test_a_list_asks_for_each_page_when_it_is_reached() -> None:
    script = Script(
        reply(results=[COURSE], next="http://inside:8000/api/tutor/courses?page=2"), reply(results=[COURSE], next=None)
    )
    with client(script) as it:
        courses = it.tutor.courses.list(archived=False)
        assert next(courses).created_at.utcoffset() is not None
        assert len(script.requests) == 1
        assert len(list(courses)) == 1
    assert [str(one.url) for one in script.requests] == [
        "http://server/api/tutor/courses?archived=false",
        "http://server/api/tutor/courses?page=2",
    ]


async def test_the_asynchronous_list_is_its_twin() -> None:
    script = Script(reply(results=[COURSE], next="/api/tutor/courses?page=2"), reply(results=[COURSE], next=None))
    async with AsyncClient("http://server", "sk-test", transport=script) as it:
        assert [one.name async for one in it.tutor.courses.list()] == ["Physics", "Physics"]


@both
def test_a_change_that_is_retried_keeps_its_key(kind: str) -> None:
    script = Script(httpx.Response(503, headers={"Retry-After": "0"}), reply(**COURSE))
    changed = call(kind, script, lambda it: it.tutor.courses.change("c1", archived=True))
    assert changed.name == "Physics"
    first, second = (one.headers["Idempotency-Key"] for one in script.requests)
    assert first == second


@both
def test_waiting_tells_how_far_a_run_is(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marking, "PAUSE_SECONDS", 0)
    script = Script(reply(**RUN), reply(**{**RUN, "state": "done", "done": 4}))
    seen: list[int] = []
    start = decoded(Run, {**RUN, "state": "queued", "done": 0})
    run = call(kind, script, lambda it: it.tutor.runs.wait(start, on_progress=lambda at: seen.append(at.done)))
    assert (run.state, seen) == ("done", [0, 1, 4])


@both
def test_a_run_that_failed_raises_with_its_code(kind: str) -> None:
    failed = decoded(Run, {**RUN, "state": "failed", "error_code": "engine"})
    with pytest.raises(WorkFailedError) as caught:
        call(kind, Script(), lambda it: it.tutor.runs.wait(failed))
    assert caught.value.code == "engine"


@both
def test_a_course_of_another_form_is_an_unexpected_reply(kind: str) -> None:
    with pytest.raises(UnexpectedReplyError):
        call(kind, Script(reply(id="c1", name=7)), lambda it: it.tutor.courses.get("c1"))


@both
def test_a_change_sends_what_was_given_alone(kind: str) -> None:
    term = {"id": "t1", "name": "Summer", "starts_on": "2027-02-01", "ends_on": "2027-07-15"}
    script = Script(reply(**term), httpx.Response(204))
    assert call(kind, script, lambda it: it.tutor.terms.change("t1", ends_on=date(2027, 7, 15))).name == "Summer"
    assert script.body() == {"ends_on": "2027-07-15"}
    call(kind, script, lambda it: it.tutor.courses.change_place("c1", "l1", groups=[]))
    assert script.body(1) == {"groups": []}


@both
@pytest.mark.parametrize(
    ("taken_away", "path"),
    [
        (lambda it: it.tutor.terms.delete("1"), "terms/1"),
        (lambda it: it.tutor.courses.remove_staff("1", "2"), "courses/1/staff/2"),
        (lambda it: it.tutor.assignments.delete("1"), "assignments/1"),
        (lambda it: it.tutor.assignments.remove_extension("1", "2"), "assignments/1/extensions/2"),
        (lambda it: it.tutor.assignments.delete_question("1"), "questions/1"),
    ],
)
def test_what_is_taken_away_is_named_by_its_address(kind: str, taken_away: Any, path: str) -> None:
    script = Script(httpx.Response(204))
    call(kind, script, taken_away)
    assert [(one.method, one.url.path) for one in script.requests] == [("DELETE", f"/api/tutor/{path}")]


@both
def test_grouping_is_asked_for_with_its_state(kind: str) -> None:
    state = {"id": "j", "state": "queued", "total": 0, "done": 0, "error_code": "", "created_at": RUN["created_at"]}
    script = Script(httpx.Response(202, json=state))
    assert call(kind, script, lambda it: it.tutor.groups.ask("q1")).state == "queued"


UPLOAD: dict[str, Any] = {
    "id": "u", "course": "c", "step": "check", "state": "running", "finished": False, "done": 1, "total": 2,
    "counts": {}, "problems": [], "problem_count": 0, "error_code": "", "failure": "", "created_at": RUN["created_at"],
}  # fmt: skip


@both
def test_a_file_travels_as_base64_and_its_upload_is_waited_for(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PAUSE_SECONDS", 0)
    fault = {"file": "", "line": 3, "column": "name", "advice": "Fill it in.", "note": False}
    done = {**UPLOAD, "state": "done", "finished": True, "counts": {"added": 2}, "problems": [fault]}
    script = Script(httpx.Response(202, json=UPLOAD), reply(**done))
    sent = call(kind, script, lambda it: it.tutor.rosters.upload_class_list("c", b"name,number"))
    assert script.body() == {"file": "bmFtZSxudW1iZXI="}
    looked = call(kind, script, lambda it: it.tutor.rosters.wait(sent))
    assert (looked.counts, looked.problems[0].line) == ({"added": 2}, 3)


@both
def test_an_upload_that_cannot_be_read_raises_with_what_is_wrong(kind: str) -> None:
    failed = decoded(
        files.RosterImport, {**UPLOAD, "state": "failed", "failure": "No ZIP.", "error_code": "unreadable"}
    )
    with pytest.raises(WorkFailedError, match="No ZIP"):
        call(kind, Script(), lambda it: it.tutor.rosters.wait(failed))


def test_both_clients_offer_the_same() -> None:
    def offered(tutor: object) -> dict[str, set[str]]:
        parts = {name: part for name, part in vars(tutor).items() if not name.startswith("_")}
        return {name: {one for one in dir(part) if not one.startswith("_")} for name, part in parts.items()}

    script = Script()
    assert offered(client(script).tutor) == offered(AsyncClient("http://server", "sk-test", transport=script).tutor)
