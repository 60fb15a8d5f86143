"""One-time passwords and recovery codes, by the pages that people use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, format_hotp_value, hotp_value
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from llmasos.accounts.models import Organisation, Person
from llmasos.audit.models import Entry
from llmasos.audit.scope import log_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

PASSWORD = "correct horse battery"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HALF_A_MINUTE = 30


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def code_of(secret: str, clock: time_machine.Coordinates) -> str:
    """Return what an authenticator app shows at this moment."""
    clock.shift(HALF_A_MINUTE)
    return format_hotp_value(hotp_value(secret, int(datetime.now(UTC).timestamp()) // HALF_A_MINUTE))


def with_password(person: Person) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def confirmed(person: Person) -> Client:
    client = with_password(person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def enter(client: Client, code: str) -> bool:
    client.post("/accounts/2fa/authenticate/", {"code": code})
    return client.get("/account/").status_code == 200


def recorded(organisation: Organisation) -> list[tuple[str, str]]:
    with log_of(organisation.pk):
        found = Entry.objects.filter(organisation_id=organisation.pk).order_by("recorded_at")
        return list(found.values_list("action", "outcome"))


@pytest.fixture
def enrolled(
    owner: Person,
    clock: time_machine.Coordinates,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> tuple[Client, str]:
    """`owner`, signed in and having just proved it once more, and the secret of the app that was enrolled."""
    client = confirmed(owner)
    client.get("/accounts/2fa/totp/activate/")
    secret = str(client.session[SECRET_SESSION_KEY])
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret, clock)})
    return client, secret


@pytest.fixture
def secret(enrolled: tuple[Client, str]) -> str:
    return enrolled[1]


def test_enrolment_is_recorded_and_keeps_the_secret_sealed(
    owner: Person, organisation: Organisation, secret: str
) -> None:
    stored = Authenticator.objects.get(user=owner, type=Authenticator.Type.TOTP)
    assert secret not in str(stored.data)
    assert ("accounts.second_factor_added", "success") in recorded(organisation)


def test_a_fresh_proof_is_asked_before_a_factor_is_added(owner: Person) -> None:
    answer = with_password(owner).get("/accounts/2fa/totp/activate/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/reauthenticate/")


def test_a_wrong_code_enrols_nothing(owner: Person) -> None:
    client = confirmed(owner)
    client.get("/accounts/2fa/totp/activate/")
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).context["form"].errors
    assert not Authenticator.objects.filter(user=owner).exists()


def test_the_password_alone_opens_nothing_and_the_code_opens_the_account(
    owner: Person, organisation: Organisation, secret: str, clock: time_machine.Coordinates
) -> None:
    client = with_password(owner)
    before = recorded(organisation).count(("accounts.signed_in", "success"))
    assert client.get("/account/").status_code == 302
    assert enter(client, code_of(secret, clock))
    assert recorded(organisation).count(("accounts.signed_in", "success")) == before + 1


def test_a_wrong_code_is_refused_and_recorded(owner: Person, organisation: Organisation, secret: str) -> None:
    assert not enter(with_password(owner), "000000")
    # Entries of one moment are in no order.
    assert recorded(organisation).count(("accounts.sign_in_failed", "denied")) == 1


def test_a_code_works_once(owner: Person, secret: str, clock: time_machine.Coordinates) -> None:
    code = code_of(secret, clock)
    assert enter(with_password(owner), code)
    assert not enter(with_password(owner), code)


def test_a_recovery_code_opens_the_account_once(owner: Person, enrolled: tuple[Client, str]) -> None:
    listed = enrolled[0].get("/accounts/2fa/recovery-codes/download/").content.decode()
    code = re.findall(r"\b[0-9a-f]{8}\b", listed)[0]
    assert enter(with_password(owner), code)
    assert not enter(with_password(owner), code)
