"""Set-up, demo, invitations and sign-in: how people come in, and what the log says about it."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail as outbox
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from llmasos.accounts import demo, mail, services, setup
from llmasos.accounts.errors import InvitationUnusableError
from llmasos.accounts.models import Invitation, MailServer, Organisation, Person
from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import membership_in, memberships_of, organisation_ids
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.scope import log_of
from llmasos.audit.types import PLATFORM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

PASSWORD = "a quiet harbour"
SET_UP = {
    "organisation": "Harbour Clinic",
    "slug": "harbour",
    "time_zone": "Europe/Berlin",
    "language": "en",
    "person_name": "Ada",
    "email": "ada@harbour.example",
    "password": PASSWORD,
    "mail": "links",
    "choice_model": "packaged",
}


def _actions(organisation_id: object) -> list[str]:
    with log_of(organisation_id):  # type: ignore[arg-type]
        return list(
            Entry.objects.filter(organisation_id=organisation_id)
            .order_by("recorded_at")
            .values_list("action", flat=True)
        )


def _invite(organisation: Organisation, email: str = "new@shop.example", role: str = "agent") -> str:
    return services.invite(
        principal=system_principal(organisation.pk), organisation_id=organisation.pk, email=email, role=role
    ).secret


def test_the_set_up_page_makes_organisation_and_administrator_and_signs_in() -> None:
    client = Client()
    response = client.post(reverse("accounts:setup", args=[setup.make_link_secret()]), SET_UP)
    person = Person.objects.get(email="ada@harbour.example")
    membership = membership_in("harbour", person.pk)
    assert response.status_code == 302
    assert membership is not None
    assert (membership.roles, person.is_operator) == (frozenset({"administrator"}), True)
    assert client.get(reverse("accounts:people", args=["harbour"])).status_code == 200


def test_a_set_up_link_works_once() -> None:
    address = reverse("accounts:setup", args=[setup.make_link_secret()])
    Client().post(address, SET_UP)
    assert Client().get(address).status_code == 404
    assert Client().post(address, {**SET_UP, "slug": "second", "email": "eve@evil.example"}).status_code == 404
    assert len(organisation_ids()) == 1


def test_a_guessed_set_up_link_does_not_work() -> None:
    setup.make_link_secret()
    assert Client().post(reverse("accounts:setup", args=["guess"]), SET_UP).status_code == 404
    assert organisation_ids() == ()


def test_a_weak_password_leaves_the_installation_empty() -> None:
    address = reverse("accounts:setup", args=[setup.make_link_secret()])
    response = Client().post(address, {**SET_UP, "password": "password"})
    assert response.status_code == 422
    assert organisation_ids() == ()


def test_set_up_stores_the_mail_server_with_its_password_sealed() -> None:
    smtp = {
        **SET_UP,
        "mail": "smtp",
        "mail_host": "mail.example",
        "mail_port": "465",
        "mail_security": "tls",
        "mail_username": "ada",
        "mail_password": "mail secret",
        "mail_sender": "clinic@harbour.example",
    }
    Client().post(reverse("accounts:setup", args=[setup.make_link_secret()]), smtp)
    assert MailServer.objects.get().password == "mail secret"
    assert (mail.is_configured(), mail.sender()) == (True, "clinic@harbour.example")


def test_no_set_up_link_is_made_once_there_is_an_organisation(organisation: Organisation) -> None:
    with pytest.raises(CommandError):
        call_command("organisations", "setup-link")


def test_the_demo_has_one_person_a_role_in_each_organisation_and_repeats_harmlessly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What the applications put into it has tests of its own there.
    monkeypatch.setattr(demo, "_loaders", {})
    out = StringIO()
    for _ in range(2):
        out = StringIO()
        call_command("organisations", "demo", "--json", stdout=out, stderr=StringIO())
    printed = json.loads(out.getvalue())
    assert len(printed["people"]) == 21
    assert Person.objects.count() == 21
    for row in printed["people"]:
        (membership,) = memberships_of(Person.objects.get(email=row["email"]).pk)
        assert (membership.slug, membership.roles) == (row["organisation"], frozenset({row["role"]}))


def test_the_demo_is_refused_in_production(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("organisations", "demo")


def test_the_command_adds_an_organisation() -> None:
    out = StringIO()
    call_command("organisations", "add", "harbour", "--name", "Harbour", "--json", stdout=out)
    assert json.loads(out.getvalue())["slug"] == "harbour"
    with pytest.raises(CommandError, match="taken"):
        call_command("organisations", "add", "harbour")


def test_an_invited_person_chooses_a_password_and_is_in(organisation: Organisation) -> None:
    client = Client()
    address = reverse("accounts:invitation", args=[_invite(organisation)])
    assert client.get(address).status_code == 200
    client.post(address, {"person_name": "Newt", "password": PASSWORD})
    membership = membership_in("shop", Person.objects.get(email="new@shop.example").pk)
    assert membership is not None
    assert membership.roles == frozenset({"agent"})
    assert Client().get(address).status_code == 404


def test_a_member_elsewhere_accepts_signed_in(organisation: Organisation, stranger: Person) -> None:
    address = reverse("accounts:invitation", args=[_invite(organisation, stranger.email, "auditor")])
    client = Client()
    client.force_login(stranger)
    client.post(address)
    assert {membership.slug for membership in memberships_of(stranger.pk)} == {"shop", "clinic"}


def test_someone_elses_invitation_is_not_accepted(
    organisation: Organisation, stranger: Person, teammate: Person
) -> None:
    secret = _invite(organisation, stranger.email, "administrator")
    client = Client()
    client.force_login(teammate)
    client.post(reverse("accounts:invitation", args=[secret]))
    with pytest.raises(InvitationUnusableError):
        services.accept_invitation(secret, person=teammate)
    membership = membership_in("shop", teammate.pk)
    assert membership is not None
    assert membership.roles == frozenset({"agent"})


def test_a_withdrawn_invitation_is_closed(organisation: Organisation) -> None:
    secret = _invite(organisation)
    with acting_in(organisation):
        invitation = Invitation.objects.get()
    services.revoke_invitation(
        principal=system_principal(organisation.pk), organisation_id=organisation.pk, invitation_id=invitation.pk
    )
    with pytest.raises(InvitationUnusableError):
        services.find_invitation(secret)


def test_a_lapsed_invitation_is_closed(organisation: Organisation) -> None:
    secret = _invite(organisation)
    with acting_in(organisation):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(InvitationUnusableError):
        services.find_invitation(secret)


def test_without_a_mail_server_the_invitation_is_a_link_shown_once(organisation: Organisation, owner: Person) -> None:
    client = Client()
    client.force_login(owner)
    address = reverse("accounts:invite", args=["shop"])
    response = client.post(address, {"email": "x@shop.example", "role": "agent"})
    assert b"/invitation/" in response.content
    assert response["Cache-Control"] == "no-store"
    assert b"/invitation/" not in client.get(reverse("accounts:people", args=["shop"])).content


def test_with_a_mail_server_the_invitation_is_sent(
    organisation: Organisation, owner: Person, settings: Settings
) -> None:
    settings.EMAIL_FALLBACK_BACKEND = settings.EMAIL_BACKEND
    client = Client()
    client.force_login(owner)
    client.post(reverse("accounts:invite", args=["shop"]), {"email": "x@shop.example", "role": "agent"})
    (message,) = outbox.outbox
    assert message.to == ["x@shop.example"]
    assert "/invitation/" in message.body


def test_signing_in_and_out_is_recorded_for_the_organisation(organisation: Organisation, owner: Person) -> None:
    client = Client()
    client.post(reverse("account_login"), {"login": owner.email, "password": "correct horse battery"})
    client.post(reverse("account_logout"))
    assert _actions(organisation.pk)[-2:] == ["accounts.signed_in", "accounts.signed_out"]


def test_a_wrong_password_is_recorded_as_denied(organisation: Organisation, owner: Person) -> None:
    Client().post(reverse("account_login"), {"login": owner.email, "password": "wrong"})
    with acting_in(organisation):
        entry = Entry.objects.get(action="accounts.sign_in_failed")
    assert (entry.outcome, entry.object_id, entry.actor_id) == ("denied", owner.pk, None)


def test_an_unknown_address_leaves_no_trace_of_itself() -> None:
    Client().post(reverse("account_login"), {"login": "nobody@nowhere.example", "password": "wrong"})
    assert _actions(PLATFORM)[-1] == "accounts.sign_in_failed"
    with log_of(PLATFORM):
        assert "nobody" not in str(Entry.objects.filter(organisation_id=PLATFORM).values())


def test_guessing_passwords_is_slowed_down(owner: Person) -> None:
    client = Client()
    for _ in range(6):
        client.post(reverse("account_login"), {"login": owner.email, "password": "wrong"})
    response = client.post(reverse("account_login"), {"login": owner.email, "password": "correct horse battery"})
    assert response.status_code in {200, 429}
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up_alone() -> None:
    response = Client().post(
        reverse("account_signup"), {"email": "me@evil.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert response.status_code in {200, 403}
    assert not Person.objects.exists()


def test_a_forgotten_password_sends_a_link(owner: Person, settings: Settings) -> None:
    Client().post(reverse("account_reset_password"), {"email": owner.email})
    (message,) = outbox.outbox
    assert "/accounts/password/reset/key/" in message.body
