"""What people write is found where it belongs and nowhere else: not in logs, queues, caches, addresses or mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings as SettingsWrapper

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import system_principal
from llmasos.accounts.services import create_api_key
from llmasos.inference import worker
from llmasos.retrieval.services import add_collection
from llmasos.runtime import locations
from tests.canaries import in_database, in_text, in_valkey, make_canary
from tests.databases import database_url
from tests.security.conftest import WrittenLog
from tests.services import VAR
from tests.support_bot.conftest import Widget, make_site


@pytest.fixture
def owner_url(committed_database: str) -> str:
    return database_url(locations.connection_urls(VAR).owner, committed_database)


@pytest.fixture
def embedding(committed_database: str, valkey: redis.Redis) -> Iterator[None]:
    worker.start_engine("echo")
    yield
    worker.stop_engine()


def tables_with(canary: str, *, url: str) -> set[str]:
    return {found.partition(": public.")[2] for found in in_database([canary], url=url)}


def test_a_visitors_words_are_sealed_in_the_queue_and_absent_from_the_log(
    owner_url: str, organisation: Organisation, valkey: redis.Redis, written_log: WrittenLog
) -> None:
    canary = make_canary()
    widget = Widget(make_site(organisation), Client())
    widget.begin()
    said = {"User-Agent": canary, "Referer": f"https://shop.example/{canary}", "X-Request-ID": f"{canary} is no id"}
    answer = widget.post("messages", {"client_id": str(uuid4()), "text": f"I am {canary}"}, **said)
    assert answer.status_code == 201
    assert widget.get("conversation").json()["messages"][0]["text"] == f"I am {canary}"
    assert in_valkey([canary], client=valkey) == []
    assert in_text([canary], written_log.text, name="log") == []
    assert "no-store" in answer["Cache-Control"]
    assert in_text([canary], json.dumps(dict(answer.headers)), name="headers") == []
    # Conversations are under row security; only a store of the assistant may hold one.
    assert {table for table in tables_with(canary, url=owner_url) if not table.startswith("support_bot_")} == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        '{{"text": "{canary}",',
        '{{"text": ["{canary}"], "client_id": "{canary}"}}',
        '["{canary}"]',
        '{{"{canary}": 1}}',
        "{canary}",
    ],
)
def test_a_malformed_widget_request_is_not_repeated(
    organisation: Organisation, valkey: redis.Redis, written_log: WrittenLog, body: str
) -> None:
    canary = make_canary()
    site = make_site(organisation)
    for path in ("session", "messages", "retry"):
        answer = Client().post(
            f"/widget/{site.key}/{path}", body.format(canary=canary), content_type="application/json"
        )
        assert in_text([canary], answer.content.decode() + written_log.text, name=path) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/completions", '{{"prompt": "{canary}", "temperature": "{canary}"}}'),
        ("/v1/chat/completions", '{{"messages": "{canary}"}}'),
        ("/v1/completions", '{{"prompt": "{canary}", "max_tokens": 0}}'),
        ("/v1/embeddings", '{{"input": "{canary}",'),
        ("/v1/embeddings", '{{"input": "{canary}", "model": "{canary}"}}'),
        ("/api/search", '{{"query": "{canary}", "k": "{canary}"}}'),
        ("/api/search", '{{"query": "{canary}'),
    ],
)  # fmt: skip
def test_what_a_program_sends_is_not_repeated_by_an_error(
    owner_url: str, organisation: Organisation, valkey: redis.Redis, written_log: WrittenLog, path: str, body: str
) -> None:
    canary = make_canary()
    principal = system_principal(organisation.pk)
    scopes = ["generate", "embed", "search"]
    issued = create_api_key(principal=principal, organisation_id=organisation.pk, name="Tests", scopes=scopes)
    answer = Client().post(
        path,
        body.format(canary=canary),
        content_type="application/json",
        headers={"Authorization": f"Bearer {issued.secret}", "User-Agent": canary},
    )
    assert 400 <= answer.status_code < 500
    assert in_text([canary, issued.secret], answer.content.decode(), name="answer") == []
    assert in_text([canary, issued.secret], written_log.text, name="log") == []
    assert in_valkey([canary], client=valkey) == []
    assert in_database([canary], url=owner_url) == []


def test_a_key_that_is_not_accepted_is_not_repeated(
    committed_database: str, valkey: redis.Redis, written_log: WrittenLog
) -> None:
    canary = make_canary()
    for path in ("/v1/models", "/api/search"):
        answer = Client().post(
            path, {"query": canary}, "application/json", headers={"Authorization": f"Bearer {canary}"}
        )
        assert in_text([canary], answer.content.decode() + written_log.text, name=path) == []
    assert in_valkey([canary], client=valkey) == []


def test_a_search_leaves_no_trace_of_its_words(
    owner_url: str, organisation: Organisation, embedding: None, valkey: redis.Redis, written_log: WrittenLog
) -> None:
    canary = make_canary()
    principal = system_principal(organisation.pk)
    add_collection(principal, name="handbook")
    issued = create_api_key(
        principal=principal, organisation_id=organisation.pk, name="Tests", scopes=["search", "embed"]
    )
    answer = Client().post(
        "/api/search",
        {"query": f"what about {canary}?"},
        "application/json",
        headers={"Authorization": f"Bearer {issued.secret}"},
    )
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert in_valkey([canary], client=valkey) == []
    assert in_database([canary], url=owner_url) == []
    assert in_text([canary], written_log.text, name="log") == []


def test_an_upload_with_a_telling_name_stays_in_its_tables(
    owner_url: str, organisation: Organisation, owner: Person, valkey: redis.Redis, written_log: WrittenLog
) -> None:
    canary = make_canary()
    collection = add_collection(system_principal(organisation.pk), name="handbook")
    client = Client()
    client.force_login(owner)
    for name, content in ((f"{canary}.txt", canary.encode()), (f"{canary}.exe", b"MZ"), (f"{canary}.pdf", b"words")):
        client.post(f"/o/shop/knowledge/{collection.pk}/upload/", {"file": SimpleUploadedFile(name, content)})
    assert in_text([canary], written_log.text, name="log") == []
    assert in_valkey([canary], client=valkey) == []
    assert tables_with(canary, url=owner_url) == {"retrieval_document", "retrieval_original"}


def test_a_failed_sign_in_leaves_no_trace_of_who_tried(
    owner_url: str, organisation: Organisation, valkey: redis.Redis, written_log: WrittenLog
) -> None:
    canary, secret = make_canary().lower(), make_canary()
    client = Client()
    for path in ("/accounts/login/", "/admin/login/"):
        client.post(path, {"login": f"{canary}@shop.example", "password": secret})
    client.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps({"id": canary})})
    client.post(f"/setup/{canary}/", {"email": f"{canary}@shop.example", "password": secret})
    client.get(f"/invitation/{canary}/")
    assert in_text([canary, secret], written_log.text, name="log") == []
    assert in_valkey([canary, secret], client=valkey) == []
    assert in_database([canary, secret], url=owner_url) == []


def test_a_known_persons_failed_sign_in_keeps_the_password_nowhere(
    owner_url: str, owner: Person, valkey: redis.Redis, written_log: WrittenLog
) -> None:
    secret = make_canary()
    Client().post("/accounts/login/", {"login": owner.email, "password": secret})
    assert in_text([secret, owner.email], written_log.text, name="log") == []
    assert in_valkey([secret, owner.email], client=valkey) == []
    assert in_database([secret], url=owner_url) == []


def test_a_forgotten_password_writes_to_that_address_alone(
    owner_url: str, owner: Person, valkey: redis.Redis, written_log: WrittenLog, settings: SettingsWrapper
) -> None:
    settings.EMAIL_FALLBACK_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    canary = make_canary().lower()
    client = Client()
    for address in (f"{canary}@elsewhere.example", owner.email):
        client.post("/accounts/password/reset/", {"email": address})
    assert all(len(message.to) == 1 and not message.cc and not message.bcc for message in mail.outbox)
    told = [message for message in mail.outbox if message.to == [owner.email]]
    assert len(told) == 1
    assert owner.name not in told[0].subject
    assert in_text([canary], told[0].subject + str(told[0].body), name="mail") == []
    assert in_text([canary, owner.email], written_log.text, name="log") == []
    assert in_valkey([canary, owner.email], client=valkey) == []
    assert in_database([canary], url=owner_url) == []


def test_a_form_with_errors_is_shown_to_its_writer_and_kept_nowhere(
    owner_url: str, organisation: Organisation, owner: Person, valkey: redis.Redis, written_log: WrittenLog
) -> None:
    canary = make_canary()
    client = Client()
    client.force_login(owner)
    answers = [
        client.post("/o/shop/people/invite/", {"email": f"{canary} at home", "role": "agent"}),
        client.post("/o/shop/keys/new/", {"name": canary, "scopes": [canary]}),
        client.post("/o/shop/support/sites/add/", {"name": canary, "allowed_origins": canary}),
        client.post("/account/", {"name": canary * 20, "language": canary}),
        client.get("/o/shop/audit/", {"actor": canary, "action": canary, "subject": canary}),
    ]
    assert all("no-store" in answer["Cache-Control"] for answer in answers)
    assert in_text([canary], written_log.text, name="log") == []
    assert in_valkey([canary], client=valkey) == []
    assert in_database([canary], url=owner_url) == []


@pytest.mark.parametrize("debug", [False, True])
def test_a_wrong_address_leaves_no_trace(
    owner_url: str, valkey: redis.Redis, written_log: WrittenLog, settings: SettingsWrapper, *, debug: bool
) -> None:
    settings.DEBUG = debug
    canary = make_canary()
    client = Client()
    for path in (f"/{canary}/", f"/o/{canary}/", f"/widget/{canary}/", f"/v1/models/{canary}", f"/o/shop/{canary}"):
        client.get(path, {"q": canary}, headers={"referer": f"http://testserver/{canary}"})
        client.post(path, {"q": canary})
    assert in_text([canary], written_log.text, name="log") == []
    assert in_valkey([canary], client=valkey) == []
    assert in_database([canary], url=owner_url) == []


def test_no_form_of_ours_puts_words_into_an_address() -> None:
    """Forms that ask with GET carry choices and ids; what people type is posted."""
    import re
    from pathlib import Path

    typed = re.compile(r'<(?:input[^>]*type="(?:search|text|email)"|textarea)[^>]*name="(?!page|size|request)([^"]+)"')
    found = [
        f"{path.name}: {match[1]}"
        for folder in ("platform", *settings.LLMASOS_APPLICATIONS)
        for path in Path(settings.BASE_DIR, folder).rglob("templates/**/*.html")
        for form in re.findall(r'<form[^>]*method="get".*?</form>', path.read_text(), re.DOTALL)
        for match in typed.finditer(form)
    ]
    assert found == []
