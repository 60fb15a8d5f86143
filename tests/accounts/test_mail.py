"""Every kind of e-mail, through a conversation with a mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from llmasos.accounts import mail
from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.audit import checkpoints
from llmasos.audit.stores import readable_store
from llmasos.audit.types import Ref
from llmasos.audit.verification import verify
from llmasos.privacy.breakglass import registry, services
from tests.audit.logs import fill
from tests.smtp import MailServer, mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

SENDER = "shop@mail.example"


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """A mail server, set up as on the set-up page."""
    settings.EMAIL_BACKEND = "llmasos.accounts.mail.EmailBackend"
    with mail_server(username="shop", password="mail secret") as served:
        mail.configure(
            host="127.0.0.1",
            port=served.port,
            security="none",
            username="shop",
            password="mail secret",
            from_address=SENDER,
        )
        yield served


def test_an_invitation_reaches_the_one_invited_and_lets_them_in(server: MailServer, owner: Person) -> None:
    as_owner = Client()
    as_owner.force_login(owner)
    as_owner.post("/o/shop/people/invite/", {"email": "new@elsewhere.example", "role": "agent"})
    (sent,) = server.delivered
    assert (sent.sender, sent.recipients) == (SENDER, ["new@elsewhere.example"])
    (link,) = re.findall(r"http://testserver(/invitation/\S+)", sent.text)
    assert Client().get(link).status_code == 200


def test_a_forgotten_password_is_replaced_through_the_link_in_the_mail(server: MailServer, owner: Person) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": owner.email})
    (sent,) = server.delivered
    assert (sent.sender, sent.recipients) == (SENDER, [owner.email])
    (link,) = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", sent.text)
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "an entirely new one", "password2": "an entirely new one"})
    owner.refresh_from_db()
    assert owner.check_password("an entirely new one")


def test_emergency_access_is_announced_to_the_administrators(
    server: MailServer, organisation: Organisation, owner: Person, teammate: Person
) -> None:
    registry.cover("mail_patient", "Patient", roles=["agent"], describe=lambda *_: "Patient 7")
    agent = Principal(organisation_id=organisation.pk, kind="person", id=teammate.pk, roles=frozenset({"agent"}))
    try:
        patient = Ref("mail_patient", uuid4())
        services.ask_access(agent, patient, "emergency", note="They are asleep.", confirmed_at=timezone.now())
        services.announce_waiting(organisation.pk)
    finally:
        registry.uncover("mail_patient")
    (sent,) = server.delivered
    assert (sent.sender, sent.recipients) == (SENDER, [owner.email])
    assert "asleep" not in sent.text


def test_a_checkpoint_that_was_mailed_verifies_the_log(
    server: MailServer, organisation: Organisation, settings: Settings, tmp_path: Path
) -> None:
    settings.CHECKPOINT_FOLDER, settings.CHECKPOINT_KEY_FOLDER = tmp_path / "outside", tmp_path / "keys"
    settings.CHECKPOINT_STORES = ["mailto:auditor@elsewhere.example"]
    fill(organisation.pk, 3)
    checkpoints.make(organisation.pk)
    checkpoints.deliver()
    (sent,) = server.delivered
    assert (sent.sender, sent.recipients) == (SENDER, ["auditor@elsewhere.example"])
    (tmp_path / "saved.eml").write_text(sent.text)
    found = verify(organisation.pk, given=[readable_store(str(tmp_path / "saved.eml"))])
    assert (found.ok, found.window.entries) == (True, 0)


def test_a_refused_password_is_said_and_the_link_is_shown_instead(server: MailServer, owner: Person) -> None:
    server.password = "another"
    as_owner = Client()
    as_owner.force_login(owner)
    page = as_owner.post("/o/shop/people/invite/", {"email": "new@elsewhere.example", "role": "agent"})
    assert server.delivered == []
    assert re.search(r"/invitation/\S+", page.content.decode())
