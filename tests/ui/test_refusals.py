"""A read that the log does not take shows nothing, and a denial is in the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from llmasos.accounts.models import Organisation, Person, Scope
from llmasos.accounts.principals import system_principal
from llmasos.accounts.services import create_api_key
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.scope import log_of
from llmasos.audit.types import PLATFORM
from support_bot.models import Conversation, Message, Site, Visitor

SECRET = "My parcel with the insulin is late."
BACKEND = "django.contrib.auth.backends.ModelBackend"


@contextmanager
def log_that_takes_nothing() -> Iterator[None]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE EXCEPTION 'the log is full'; END$$;"
            " CREATE TRIGGER refuse BEFORE INSERT ON audit_entry EXECUTE FUNCTION refuse()"
        )
        try:
            yield
        finally:
            cursor.execute("DROP TRIGGER refuse ON audit_entry; DROP FUNCTION refuse()")


@pytest.fixture
def conversation(committed_database: str, organisation: Organisation) -> Conversation:
    with acting_in(organisation):
        site = Site.objects.create(organisation=organisation, name="Help")
        visitor = Visitor.objects.create(organisation=organisation, site=site, token_digest=b"t" * 32)
        conversation = Conversation.objects.create(organisation=organisation, site=site, visitor=visitor, language="en")
        Message.objects.create(
            organisation=organisation,
            conversation=conversation,
            visitor=visitor,
            role=Message.Role.VISITOR,
            client_id=uuid4(),
            text=SECRET,
            state=Message.State.STORED,
        )
    return conversation


READS = [
    ("GET", "/o/shop/support/", SECRET),
    ("POST", "/o/shop/support/", SECRET),
    ("GET", "/o/shop/support/conversations/{conversation}/", SECRET),
    ("GET", "/o/shop/people/", "teammate@shop.example"),
    ("GET", "/o/shop/audit/", "Signed in"),
    ("GET", "/o/shop/audit/files/csv", "accounts.signed_in"),
    ("GET", "/o/shop/audit/files/jsonl", "accounts.signed_in"),
    ("GET", "/o/shop/privacy/", "owner@shop.example"),
    ("POST", "/o/shop/privacy/mine/export", "owner@shop.example"),
]


@pytest.mark.parametrize(("method", "address", "secret"), READS)
def test_what_cannot_be_recorded_is_not_shown(
    conversation: Conversation, owner: Person, teammate: Person, method: str, address: str, secret: str
) -> None:
    client = Client(raise_request_exception=False, headers={"accept": "text/html"})
    client.force_login(owner, backend=BACKEND)
    page = address.format(conversation=conversation.pk)
    with log_that_takes_nothing():
        answered = client.post(page, {"q": "insulin"}) if method == "POST" else client.get(page)
        # The head of a page names who is signed in.
        shown = answered.getvalue().decode().partition("<main")[2]
    assert answered.status_code == 503
    assert "This cannot be recorded" in shown
    assert secret not in shown


def test_a_program_is_told_so_in_json(committed_database: str, organisation: Organisation) -> None:
    issued = create_api_key(
        principal=system_principal(organisation.pk),
        organisation_id=organisation.pk,
        name="Reader",
        scopes=[Scope.EMBED],
    )
    client = Client(headers={"authorization": f"Bearer {issued.secret}"})
    with log_that_takes_nothing():
        answered = client.get("/v1/models")
    assert (answered.status_code, answered.json()["error"]["code"]) == (503, "not_recorded")


@pytest.mark.django_db
def test_a_denial_on_the_operators_pages_is_recorded(client: Client, owner: Person) -> None:
    client.force_login(owner, backend=BACKEND)
    assert client.get("/console/").status_code == 403
    with log_of(PLATFORM):
        entry = Entry.objects.get(organisation_id=PLATFORM, action="accounts.denied")
    assert (entry.actor_id, entry.object_kind) == (owner.pk, "page:console:platform")


@pytest.mark.parametrize(
    ("address", "page"), [("/api/search", "page:api:search"), ("/v1/embeddings", "page:api:embeddings")]
)
@pytest.mark.usefixtures("committed_database", "valkey")
def test_a_key_without_the_scope_is_denied_and_recorded(organisation: Organisation, address: str, page: str) -> None:
    issued = create_api_key(
        principal=system_principal(organisation.pk),
        organisation_id=organisation.pk,
        name="Writer",
        scopes=[Scope.GENERATE],
    )
    client = Client(headers={"authorization": f"Bearer {issued.secret}"})
    assert client.post(address, {"query": "x"}, content_type="application/json").status_code == 403
    with acting_in(organisation):
        entry = Entry.objects.get(action="accounts.denied")
    assert (entry.actor_kind, entry.actor_id, entry.object_kind) == ("key", issued.key.pk, page)
