from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from llmasos.accounts.tenancy import acting_in
from llmasos.inference.models import Run
from support_bot.models import Message, Site
from tests.support_bot.conftest import Widget


def messages_of(site: Site) -> list[Message]:
    with acting_in(site.organisation_id):
        return list(Message.objects.for_organisation(site.organisation_id))


def runs_of(site: Site) -> int:
    with acting_in(site.organisation_id):
        return Run.objects.for_organisation(site.organisation_id).filter(kind="answer").count()


@pytest.mark.django_db
def test_a_message_is_stored_with_the_row_of_its_answer(widget: Widget, site: Site) -> None:
    answer = widget.ask("How long can I return it?")
    assert answer.status_code == 201
    with acting_in(site.organisation_id):
        question, reply = Message.objects.for_organisation(site.organisation_id)
        assert question.text == "How long can I return it?"
    assert (question.role, reply.role, reply.state) == ("visitor", "assistant", "pending")
    assert str(reply.run_id) == answer.json()["answer"]["run"]


@pytest.mark.django_db
def test_a_message_posted_twice_gets_one_answer(widget: Widget, site: Site) -> None:
    client_id = str(uuid4())
    first = widget.ask("Where is my order?", client_id=client_id)
    second = widget.ask("Where is my order?", client_id=client_id)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(messages_of(site)) == 2
    assert runs_of(site) == 1


def test_a_message_posted_at_once_by_many_gets_one_answer(committed_database: str, widget: Widget, site: Site) -> None:
    client_id = str(uuid4())

    def post(_: int) -> str:
        try:
            return str(widget.ask("Where is my order?", client_id=client_id).json()["answer"]["run"])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        runs = set(pool.map(post, range(8)))
    assert len(runs) == 1
    assert len(messages_of(site)) == 2
    assert runs_of(site) == 1


@pytest.mark.django_db
def test_the_text_is_sealed_in_the_database(widget: Widget, site: Site) -> None:
    widget.ask("My name is Ada Lovelace")
    with acting_in(site.organisation_id), connection.cursor() as cursor:
        cursor.execute("SELECT text FROM support_bot_message")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert b"Lovelace" not in stored


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2001])
def test_an_empty_or_endless_message_is_refused_in_words(widget: Widget, text: str) -> None:
    answer = widget.ask(text)
    assert answer.status_code in {400, 413}
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.django_db
def test_a_form_of_another_page_cannot_post(widget: Widget) -> None:
    answer = widget.client.post(f"/widget/{widget.site.key}/session", data="{}", content_type="text/plain")
    assert answer.status_code == 415
