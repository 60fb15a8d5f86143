from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from llmasos.accounts.tenancy import acting_in
from llmasos.answering.types import Answer, FinishedRun, Passage, ShownSentence
from llmasos.audit.models import Entry
from llmasos.inference.models import Run, RunState
from support_bot.answers import store_answer
from support_bot.models import Message, Site
from tests.support_bot.conftest import Widget

pytestmark = pytest.mark.django_db

PASSAGE = Passage(
    n=1, chunk_id="c", document_id="d", external_id="returns", title="Returns", heading="Time", url="", text="60 days."
)
ANSWER = Answer(
    event="done",
    decision="answer",
    text="60 days. [1]\nYou have 60 days. [1]",
    language="en",
    score=0.9,
    sentences=(ShownSentence("60 days.", (1,), quoted=True), ShownSentence("You have 60 days.", (1,), quoted=False)),
    passages=(PASSAGE,),
)


def finished(site: Site, answer: dict[str, str], **values: UUID) -> FinishedRun:
    run_id = values.get("run_id", UUID(answer["run"]))
    return FinishedRun(
        id=run_id,
        organisation_id=site.organisation_id,
        reference=answer["id"],
        principal_kind="visitor",
        principal_id=None,
    )


@pytest.fixture
def posted(widget: Widget) -> dict[str, str]:
    return dict(widget.ask("How long can I return it?").json()["answer"])  # type: ignore[attr-defined]


def end_run(site: Site, answer: dict[str, str], state: RunState) -> None:
    with acting_in(site.organisation_id):
        Run.objects.for_organisation(site.organisation_id).filter(pk=answer["run"]).update(state=state)


def answer_of(widget: Widget) -> dict[str, object]:
    return dict(widget.get("conversation").json()["messages"][-1])


def test_a_finished_answer_is_shown_on_return(widget: Widget, site: Site, posted: dict[str, str]) -> None:
    with acting_in(site.organisation_id):
        store_answer(finished(site, posted), ANSWER)
    shown = answer_of(widget)
    assert shown["state"] == "complete"
    assert shown["quote"] == [{"text": "60 days.", "n": 1}]
    assert shown["sentences"] == [{"text": "You have 60 days.", "citations": [1]}]
    assert [passage["title"] for passage in shown["passages"]] == ["Returns"]  # type: ignore[attr-defined]


def test_an_answer_of_a_run_that_was_replaced_is_not_stored(widget: Widget, site: Site, posted: dict[str, str]) -> None:
    with acting_in(site.organisation_id):
        store_answer(finished(site, posted, run_id=uuid4()), ANSWER)
    assert answer_of(widget)["state"] == "pending"


def test_the_decision_is_recorded(widget: Widget, site: Site, posted: dict[str, str]) -> None:
    with acting_in(site.organisation_id):
        store_answer(finished(site, posted), ANSWER)
        entry = Entry.objects.get(action="support.answer_stored")
    assert str(entry.object_id) == posted["id"]
    assert entry.digests["decision"] == "answer"


def test_an_unfinished_answer_comes_with_the_run_to_follow(widget: Widget, posted: dict[str, str]) -> None:
    assert answer_of(widget)["run"] == posted["run"]


def test_an_answer_whose_worker_died_can_be_tried_again(widget: Widget, site: Site, posted: dict[str, str]) -> None:
    end_run(site, posted, RunState.FAILED)
    assert answer_of(widget)["state"] == "failed"
    again = widget.post("retry", {"message": posted["id"]})
    assert again.status_code == 200
    assert again.json()["answer"]["run"] != posted["run"]


def test_a_stopped_answer_stays_stopped(widget: Widget, site: Site, posted: dict[str, str]) -> None:
    end_run(site, posted, RunState.CANCELLED)
    assert answer_of(widget)["state"] == "cancelled"


def test_an_answer_under_way_cannot_be_started_again(widget: Widget, posted: dict[str, str]) -> None:
    assert widget.post("retry", {"message": posted["id"]}).status_code == 409


def test_a_complete_answer_cannot_be_started_again(widget: Widget, site: Site, posted: dict[str, str]) -> None:
    with acting_in(site.organisation_id):
        store_answer(finished(site, posted), ANSWER)
    assert widget.post("retry", {"message": posted["id"]}).status_code == 409


def test_a_thumb_is_kept_changed_and_taken_back(widget: Widget, site: Site, posted: dict[str, str]) -> None:
    with acting_in(site.organisation_id):
        store_answer(finished(site, posted), ANSWER)
    seen = []
    for value in (1, -1, 0):
        assert widget.post(f"messages/{posted['id']}/feedback", {"value": value}).status_code == 204
        seen.append(answer_of(widget)["feedback"])
    assert seen == [1, -1, 0]


def test_an_answer_under_way_cannot_be_rated(widget: Widget, posted: dict[str, str]) -> None:
    assert widget.post(f"messages/{posted['id']}/feedback", {"value": 1}).status_code == 409


def test_a_queued_answer_can_be_stopped(widget: Widget, posted: dict[str, str]) -> None:
    assert widget.post(f"runs/{posted['run']}/cancel").status_code == 204
    assert answer_of(widget)["state"] == "cancelled"


def test_the_next_question_is_asked_with_the_conversation(widget: Widget, site: Site, posted: dict[str, str]) -> None:
    from support_bot.services import _turns

    with acting_in(site.organisation_id):
        store_answer(finished(site, posted), ANSWER)
    following = widget.ask("And a tent?").json()["answer"]  # type: ignore[attr-defined]
    with acting_in(site.organisation_id):
        turns = _turns(Message.objects.get(pk=following["id"]))
    assert [turn.role for turn in turns] == ["user", "assistant", "user"]
    assert turns[-1].content == "And a tent?"
