"""Exceptions whose words and variables hold what people wrote are raised everywhere; neither is logged or shown."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import NoReturn
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.http import Http404
from django.test import Client
from pytest_django.fixtures import Settings as SettingsWrapper

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import system_principal
from llmasos.accounts.services import create_api_key
from llmasos.retrieval import tasks
from tests.canaries import in_text, make_canary
from tests.security.conftest import WrittenLog
from tests.support_bot.conftest import make_site

Fail = Callable[..., NoReturn]


def failing(canary: str) -> Fail:
    def fail(*_: object, **__: object) -> NoReturn:
        what_was_written = f"my name is {canary}"
        try:
            int(what_was_written)
        except ValueError as error:
            error.add_note(f"a note about {canary}")
            raise RuntimeError(f"cannot work on {what_was_written!r}") from error
        raise AssertionError

    return fail


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def test_a_page_that_fails_logs_places_and_no_words(
    monkeypatch: pytest.MonkeyPatch, visitor: Client, owner: Person, written_log: WrittenLog
) -> None:
    canary = make_canary()
    monkeypatch.setattr("llmasos.ui.views.memberships_of", failing(canary))
    visitor.force_login(owner)
    answer = visitor.get("/", {"q": canary})
    assert answer.status_code == 500
    assert in_text([canary], answer.content.decode(), name="page") == []
    assert in_text([canary], written_log.text, name="log") == []
    for told in ("request_failed", "RuntimeError", "caused by ValueError", "test_exceptions.py", "request_id"):
        assert told in written_log.text


@pytest.mark.parametrize("wanted", ["text/html", "text/plain"])
def test_the_page_of_a_debug_server_shows_places_and_no_words(
    monkeypatch: pytest.MonkeyPatch,
    visitor: Client,
    owner: Person,
    written_log: WrittenLog,
    settings: SettingsWrapper,
    wanted: str,
) -> None:
    canary = make_canary()
    settings.DEBUG = True
    monkeypatch.setattr("llmasos.ui.views.memberships_of", failing(canary))
    visitor.force_login(owner)
    visitor.cookies["note"] = canary
    answer = visitor.get("/", {"q": canary}, headers={"accept": wanted, "referer": f"http://testserver/{canary}"})
    page = answer.content.decode()
    assert answer.status_code == 500
    assert in_text([canary], page, name="page") == []
    assert "RuntimeError" in page
    assert "test_exceptions.py" in page
    assert "SECRET_KEY" not in page


def test_a_widget_request_that_fails_is_logged_without_words(
    monkeypatch: pytest.MonkeyPatch,
    visitor: Client,
    organisation: Organisation,
    written_log: WrittenLog,
    valkey: object,
) -> None:
    canary = make_canary()
    site = make_site(organisation)
    monkeypatch.setattr("support_bot.widget.views.add_visitor", failing(canary))
    answer = visitor.post(f"/widget/{site.key}/session", {"note": canary}, content_type="application/json")
    assert answer.status_code == 500
    assert in_text([canary], answer.content.decode() + written_log.text, name="answer or log") == []
    assert "RuntimeError" in written_log.text


@pytest.mark.parametrize(
    ("path", "target", "body"),
    [
        ("/api/search", "llmasos.api.views.queries.search", {"query": "{canary}"}),
        ("/v1/embeddings", "llmasos.api.openai.views.services.aembed", {"input": "{canary}"}),
    ],
)
def test_a_programs_request_that_fails_is_logged_without_words(
    monkeypatch: pytest.MonkeyPatch,
    visitor: Client,
    committed_database: str,
    organisation: Organisation,
    written_log: WrittenLog,
    valkey: object,
    path: str,
    target: str,
    body: dict[str, str],
) -> None:
    from llmasos.retrieval.services import add_collection

    canary = make_canary()
    principal = system_principal(organisation.pk)
    add_collection(principal, name="handbook")
    issued = create_api_key(
        principal=principal, organisation_id=organisation.pk, name="Tests", scopes=["search", "embed"]
    )
    monkeypatch.setattr(target, failing(canary))
    sent = {name: value.format(canary=canary) for name, value in body.items()}
    answer = visitor.post(
        path, sent, content_type="application/json", headers={"Authorization": f"Bearer {issued.secret}"}
    )
    assert answer.status_code == 500
    assert in_text([canary], answer.content.decode() + written_log.text, name="answer or log") == []
    assert "RuntimeError" in written_log.text
    assert issued.secret not in written_log.text


def test_a_task_that_fails_is_logged_by_its_name_and_places(
    monkeypatch: pytest.MonkeyPatch, written_log: WrittenLog
) -> None:
    canary = make_canary()
    monkeypatch.setattr("llmasos.retrieval.ingestion.ingest", failing(canary))
    tasks.ingest.apply(args=[str(uuid4()), [str(uuid4())]])
    assert "retrieval.ingest" in written_log.text
    assert "RuntimeError" in written_log.text
    assert in_text([canary], written_log.text, name="log") == []


def test_a_statement_that_fails_is_named_by_its_state_and_constraint(
    organisation: Organisation, written_log: WrittenLog
) -> None:
    canary = make_canary().lower()
    Person.objects.create_user(f"{canary}@shop.example")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO accounts_person SELECT (jsonb_populate_record(p, jsonb_build_object('id', %s::text))).*"
                " FROM accounts_person p WHERE email = %s",
                [str(uuid4()), f"{canary}@shop.example"],
            )
    except DatabaseError:
        logging.getLogger("some.library").exception("it failed")
        connection.needs_rollback = False
    assert "UniqueViolation [23505" in written_log.text
    assert in_text([canary], written_log.text, name="log") == []


def test_a_thread_that_ends_with_an_exception_is_logged_without_words(
    written_log: WrittenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmasos.runtime.log_privacy import watch_threads

    canary = make_canary()
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    watch_threads()
    thread = threading.Thread(target=failing(canary))
    thread.start()
    thread.join()
    assert "a thread ended with an exception" in written_log.text
    assert in_text([canary], written_log.text, name="log") == []


def test_a_forgotten_coroutine_is_logged_without_words(written_log: WrittenLog) -> None:
    canary = make_canary()

    async def forget() -> None:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        future.set_exception(RuntimeError(canary))
        loop.call_exception_handler({"message": "never retrieved", "future": future, "exception": future.exception()})

    asyncio.run(forget())
    assert "a coroutine failed" in written_log.text
    assert in_text([canary], written_log.text, name="log") == []


@pytest.mark.parametrize("logger", ["uvicorn.error", "celery.worker", "django.server", "any.library"])
def test_what_servers_log_of_an_exception_has_no_words(logger: str, written_log: WrittenLog) -> None:
    canary = make_canary()
    try:
        failing(canary)()
    except RuntimeError as error:
        logging.getLogger(logger).error("it failed: %r", error, exc_info=error)  # noqa: TRY400
        logging.getLogger(logger).error("it failed: %(exc)s", {"exc": repr(error), "args": canary}, exc_info=error)  # noqa: TRY400
    assert written_log.text.count("it failed") == 2
    assert in_text([canary], written_log.text, name="log") == []


def test_a_refused_host_is_not_spelt_out(visitor: Client, written_log: WrittenLog, db: None) -> None:
    canary = make_canary().lower()
    answer = visitor.get("/", headers={"host": f"{canary}.example"})
    assert answer.status_code == 400
    assert in_text([canary], answer.content.decode() + written_log.text, name="page or log") == []
    assert "DisallowedHost" in written_log.text


def test_a_page_that_does_not_exist_is_not_spelt_out(visitor: Client, written_log: WrittenLog, db: None) -> None:
    canary = make_canary()
    assert visitor.get(f"/people/{canary}/", {"q": canary}).status_code == 404
    assert in_text([canary], written_log.text, name="log") == []


def test_an_expected_refusal_is_no_exception_in_the_log(
    visitor: Client, written_log: WrittenLog, monkeypatch: pytest.MonkeyPatch, owner: Person
) -> None:
    canary = make_canary()

    def missing(*_: object, **__: object) -> NoReturn:
        raise Http404(f"nothing about {canary}")

    monkeypatch.setattr("llmasos.ui.views.memberships_of", missing)
    visitor.force_login(owner)
    answer = visitor.get("/")
    assert answer.status_code == 404
    assert in_text([canary], answer.content.decode() + written_log.text, name="page or log") == []
