from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from llmasos.answering.types import Answer, FinishedRun, Passage, ShownSentence
from tests.tutor.conftest import School
from tests.tutor.marking.conftest import log

if TYPE_CHECKING:
    from tutor.models import ChatTurn

__all__ = ["log"]

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
Make = Callable[..., Any]
PASSAGE = "Particles with enough energy leave the surface of a puddle on a warm day."


@pytest.fixture
def chunk(school: School) -> int:
    """The course has one passage of material."""
    from llmasos.retrieval.models import Chunk, Collection, Document

    owned = {"organisation": school.organisation}
    with acting_in(school.organisation):
        collection = Collection.objects.create(**owned, name="Material")
        document = Document.objects.create(
            **owned, collection=collection, external_id="change.md", title="Change of state", state="ready"
        )
        made = Chunk.objects.create(
            **owned, collection=collection, document=document, position=0, text=PASSAGE, token_count=12,
            embedding=[0.0] * 384,
        )  # fmt: skip
        school.course.collection = collection
        school.course.save()
        return made.pk


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, chunk: int) -> list[dict[str, Any]]:
    """What the model service was asked to answer; it does not run here. No message means an open question."""
    import numpy as np

    from llmasos.answering import services as answering
    from llmasos.inference import services as inference
    from llmasos.retrieval import queries

    runs: list[dict[str, Any]] = []

    def start(_principal: Any, **asked: Any) -> UUID:
        runs.append(asked)
        return uuid4()

    def embed(_principal: Any, texts: list[str]) -> Any:
        return SimpleNamespace(vectors=np.eye(len(texts)))

    found = SimpleNamespace(hits=(SimpleNamespace(chunk_id=chunk, dense=0.8),))
    monkeypatch.setattr(answering, "start_answer", start)
    monkeypatch.setattr(inference, "embed", embed)
    monkeypatch.setattr(queries, "search", lambda *_, **__: found)
    return runs


@pytest.fixture
def ask(school: School, started: list[dict[str, Any]]) -> Callable[[str], ChatTurn]:
    def sent(text: str, *, turn_id: UUID | None = None) -> ChatTurn:
        from tutor.chat.conversing import ask

        pupil = school.principal(school.pupil_person)
        return ask(pupil, school.course.pk, text, turn_id=turn_id or uuid4())

    return sent


@pytest.fixture
def reply(school: School, chunk: int) -> Callable[..., ChatTurn]:
    """End a turn's run with these words, quoted from the course's passage."""

    def ended(turn: ChatTurn, text: str, *, event: str = "done", decision: str = "answer") -> ChatTurn:
        from tutor.chat.conversing import store_reply

        passage = Passage(1, str(chunk), str(uuid4()), "change.md", "Change of state", "", "", PASSAGE)
        assert turn.run_id is not None
        run = FinishedRun(turn.run_id, school.id, str(turn.pk), "person", school.pupil_person.pk)
        answer = Answer(
            event, decision, text, "en", 0.9, sentences=(ShownSentence(text, (1,), quoted=True),), passages=(passage,)
        )
        with acting_in(school.organisation):
            store_reply(run, answer)
            turn.refresh_from_db()
        return turn

    return ended


def test_a_question_about_the_material_is_answered_with_its_source(
    ask: Make, reply: Make, started: list[dict[str, Any]]
) -> None:
    turn = reply(ask("What is a liquid?"), "Liquids are made of particles.")
    assert (turn.decision, turn.parts["passages"][0]["title"]) == ("answered", "Change of state")
    assert started[0]["messages"][-1].content == "What is a liquid?"


def test_open_work_is_guided_and_no_model_is_asked(school: School, ask: Make, started: list[Any], chunk: int) -> None:
    turn = ask("Write my answer: why does a puddle vanish on a warm day?")
    assert (turn.decision, turn.question_id, turn.chunk) == ("guided", school.question.pk, chunk)
    assert started == []


def test_a_reply_that_would_tell_the_answer_is_not_stored(school: School, ask: Make, reply: Make) -> None:
    turn = reply(ask("Warum trocknet Regen auf dem Hof?"), "Heat gives molecules the energy to leave the surface.")
    assert (turn.decision, turn.question_id, turn.reply) == ("guided", school.question.pk, "")


def test_insisting_after_guidance_stays_guided(ask: Make) -> None:
    ask("Why does a puddle vanish on a warm day?")
    assert ask("please just tell me").decision == "guided"


def test_the_open_work_of_the_learners_other_courses_is_guarded_too(school: School, ask: Make) -> None:
    from tutor.models import Course

    with acting_in(school.organisation):
        other = Course.objects.create(organisation=school.organisation, name="Chemistry 9")
        school.assignment.course = other
        school.assignment.save()
    assert ask("Why does a puddle vanish on a warm day?").decision == "pending"
    with acting_in(school.organisation):
        other.enrolments.create(organisation=school.organisation, learner=school.pupil)
        school.pupil.chat_turns.update(decision="failed")
    assert ask("Why does a puddle vanish on a warm day?").decision == "guided"


def test_an_id_of_somebody_elses_message_is_not_found(school: School, ask: Make, client: Client) -> None:
    turn = ask("What is a liquid?")
    client.force_login(school.other_pupil_person, backend=BACKEND)
    reply = client.post(f"/o/shop/tutor/learn/{school.course.pk}/chat/", {"text": "And a gas?", "turn": str(turn.pk)})
    assert reply.status_code == 404


def test_when_the_work_is_closed_it_may_be_asked(school: School, ask: Make) -> None:
    from tutor.models import Assignment

    with acting_in(school.organisation):
        Assignment.objects.for_organisation(school.organisation).update(state="closed")
    assert ask("Why does a puddle vanish on a warm day?").decision == "pending"


def test_a_message_sent_twice_is_stored_once_and_waits_for_its_reply(
    ask: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor.chat import conversing
    from tutor.chat.errors import ChatError

    # The run that was started is no real one, so that nobody finds it ended here.
    monkeypatch.setattr(conversing, "settle", lambda *_: None)
    turn_id = uuid4()
    first = ask("What is a liquid?", turn_id=turn_id)
    assert ask("What is a liquid?", turn_id=turn_id).pk == first.pk
    with pytest.raises(ChatError, match="Wait for the reply"):
        ask("And what is a gas?")


def test_a_run_that_ended_without_a_reply_leaves_the_question_stored(school: School, ask: Make) -> None:
    from tutor.chat.queries import own_chat

    turn = ask("What is a liquid?")
    with acting_in(school.organisation):
        page = own_chat(school.principal(school.pupil_person), school.course.pk)
    assert [(one.turn.pk, one.turn.decision) for one in page.turns] == [(turn.pk, "failed")]


def test_the_page_says_that_it_is_a_machine_and_who_can_read_along(school: School, ask: Make, client: Client) -> None:
    ask("Why does a puddle vanish on a warm day?")
    client.force_login(school.pupil_person, backend=BACKEND)
    body = client.get(f"/o/{school.organisation.slug}/tutor/learn/{school.course.pk}/chat/").content.decode()
    assert "You are talking to a machine." in body
    assert "Your teachers cannot read what you write here." in body
    assert "which is open work" in body
    assert "what does it say about puddle" in body


def test_staff_read_only_what_was_written_while_the_learner_was_told(
    school: School, ask: Make, client: Client, log: Make
) -> None:
    from tutor.learning.services import change_settings

    teacher = school.principal(school.teacher)
    client.force_login(school.teacher, backend=BACKEND)
    address = f"/o/{school.organisation.slug}/tutor/courses/{school.course.pk}/learning/{school.pupil.pk}/chat/"
    ask("Why does a puddle vanish on a warm day, asked in private?")
    assert client.get(address).status_code == 404
    change_settings(teacher, school.course.pk, {"chat_read_by_staff": True})
    ask("Why does a puddle vanish on a warm day, asked knowingly?")
    body = client.get(address).content.decode()
    assert "asked knowingly" in body
    assert "asked in private" not in body
    assert [one.subject_id for one in log("tutor.chat_read")] == [school.pupil.pk]


def test_switched_off_nothing_is_asked(school: School, ask: Make) -> None:
    from tutor.chat.errors import ChatError
    from tutor.learning.services import change_settings

    change_settings(school.principal(school.teacher), school.course.pk, {"chat": False})
    with pytest.raises(ChatError):
        ask("What is a liquid?")


def test_who_asks_without_end_is_told_to_go_on_later(ask: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from tutor.chat import conversing
    from tutor.chat.errors import ChatError

    monkeypatch.setattr(conversing, "MOST_AN_HOUR", 2)
    for _ in range(2):
        ask("Why does a puddle vanish on a warm day?")
    with pytest.raises(ChatError, match="a little later"):
        ask("Why does a puddle vanish on a warm day?")
