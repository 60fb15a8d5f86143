"""A canary is pushed through every way in, the person is erased, and nothing of it is found anywhere."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.test import Client

from clinical_assist.models import RecordItem
from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.services import change_profile
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference import services as inference
from llmasos.inference import worker
from llmasos.inference.types import GenerationRequest
from llmasos.inference.types import Message as Turn
from llmasos.privacy import services
from llmasos.retrieval import services as retrieval
from llmasos.retrieval.ingestion import ingest
from llmasos.runtime import locations
from support_bot.models import Visitor
from support_bot.visitors import token_digest
from tests.canaries import in_database, in_files, in_text, in_valkey, make_canary
from tests.databases import database_url
from tests.services import VAR
from tests.support_bot.conftest import Widget, make_site
from tests.tutor.conftest import member

if TYPE_CHECKING:
    import redis

Everywhere = Callable[[list[str]], list[str]]


@pytest.fixture
def everywhere(committed_database: str, valkey: redis.Redis, tmp_path: Path) -> Iterator[Everywhere]:
    """Search a dump of the database, of Valkey, the files and the log for canaries."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    superuser = locations.connection_urls(VAR).superuser
    assert superuser is not None

    def search(canaries: list[str]) -> list[str]:
        return [
            *in_database(canaries, url=database_url(superuser, committed_database)),
            *in_valkey(canaries, client=valkey),
            # The servers' own files are the dumps above, in a form that they compress and reuse.
            *in_files(canaries, folder=VAR, leave_out=("postgres", "valkey", "data", "models")),
            *in_files(canaries, folder=tmp_path),
            *in_text(canaries, written.getvalue(), name="log"),
        ]

    yield search
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def echo(committed_database: str, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The echo engine in this process, given runs without a broker between."""
    from llmasos.inference.engine.queue import Admission
    from llmasos.inference.models import Run

    host = worker.start_engine("echo")

    def publish(run: Run) -> None:
        host.admit(
            Admission(
                run_id=run.pk,
                organisation_id=run.organisation_id,
                kind=run.kind,
                priority=run.priority,
                size=run.size,
                created=run.created_at.timestamp(),
                deadline=run.deadline.timestamp(),
            )
        )

    monkeypatch.setattr("llmasos.inference.publishing.announce", publish)
    monkeypatch.setattr("llmasos.inference.expiry.publish", publish)
    yield
    worker.stop_engine()


def test_nothing_of_an_erased_visitor_is_found_anywhere(
    everywhere: Everywhere, echo: None, organisation: Organisation, officer: Principal
) -> None:
    said, asked, noted, detail, handed_in = (make_canary() for _ in range(5))
    widget = Widget(make_site(organisation), Client())
    widget.begin()
    widget.ask(f"My name is {said}. What does delivery cost?")
    with acting_in(organisation):
        visitor = Visitor.objects.get(token_digest=token_digest(widget.token))
    subject = Ref("visitor", visitor.pk)
    page = widget.client.post(
        f"/widget/{widget.site.key}/my-data",
        {"token": widget.token, "do": "ask", "kind": "correction", "details": f"I am called {asked}"},
    )
    request = services.make_request(officer, subject, "access", details=asked)
    services.add_note(officer, request.pk, text=noted)
    services.lift_hold(officer, services.hold_subject(officer, subject, reason=noted).pk)
    with acting_in(organisation):
        record(
            organisation_id=organisation.pk,
            actor=officer.actor,
            action="support.conversation_read",
            subject=subject,
            payload={"words": detail},
        )
    collection = retrieval.add_collection(officer, name="Letters")
    report = retrieval.import_upload(
        officer,
        collection=collection,
        name="letter.md",
        content=f"# Letter\n\nI write about {handed_in}.".encode(),
        subject=subject,
    )
    ingest(organisation.pk, report.queued)
    canaries = [said, asked, noted, detail, handed_in]
    assert page.status_code == 200
    assert f"{handed_in}: public.retrieval_chunk" in everywhere(canaries)

    services.erase_now(officer, subject)

    assert everywhere(canaries) == []


def test_nothing_of_an_erased_person_is_found_anywhere(
    everywhere: Everywhere, echo: None, officer: Principal, teammate: Person
) -> None:
    name, prompt, asked = (make_canary() for _ in range(3))
    client = Client()
    client.force_login(teammate)
    change_profile(person=teammate, name=name, language="en")
    principal = Principal(
        organisation_id=officer.organisation_id, kind="person", id=teammate.pk, roles=frozenset({"agent"})
    )
    inference.chat(principal, GenerationRequest(messages=(Turn("user", prompt),)))
    inference.embed(principal, [prompt])
    services.make_request(principal, Ref("person", teammate.pk), "objection", details=asked)
    canaries = [name, prompt, asked, teammate.email]
    assert f"{name}: public.accounts_person" in everywhere(canaries)

    services.erase_now(officer, Ref("person", teammate.pk))

    assert everywhere(canaries) == []


def test_an_embedding_of_nobody_in_particular_leaves_no_words(
    everywhere: Everywhere, echo: None, officer: Principal
) -> None:
    canary = make_canary()
    key = Principal(
        organisation_id=officer.organisation_id, kind="key", id=uuid4(), scopes=frozenset({"embed", "generate"})
    )

    inference.embed(key, [canary])
    inference.chat(key, GenerationRequest(messages=(Turn("user", canary),)))

    assert everywhere([canary]) == []


def test_nothing_of_a_patient_is_found_in_plain_and_an_erased_one_is_gone(
    everywhere: Everywhere, organisation: Organisation, officer: Principal
) -> None:
    name, number, problem, wrong, visit, searched = (make_canary() for _ in range(6))
    client = Client()
    client.force_login(member(organisation, "doctor", "clinician"))
    room = f"/o/{organisation.slug}/clinical/patients/"
    page = client.post(f"{room}add/", {"family_name": name, "sex": "other", "number": number})["Location"]
    client.post(f"{page}add/problem/", {"name": problem, "status": "active", "verification": "confirmed"})
    client.post(f"{page}visits/", {"reason": visit, "clinician": client.session["_auth_user_id"]})
    with acting_in(organisation):
        item = RecordItem.objects.for_organisation(organisation).get()
    client.post(f"{page}items/{item.pk}/in-error/", {"reason": wrong})
    client.post(room, {"q": searched})
    assert problem in client.get(f"{page}items/{item.pk}/").content.decode()
    assert everywhere([name, number, problem, wrong, visit, searched]) == []

    services.erase_now(officer, Ref("patient", item.patient_id))

    assert client.get(page).status_code == 404
    assert everywhere([name, number, problem, wrong, visit, searched]) == []
