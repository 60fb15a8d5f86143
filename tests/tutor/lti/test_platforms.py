"""Registrations of platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings as SettingsWrapper

    from llmasos.accounts.models import Person
    from tests.tutor.lti.platform import LearningPlatform
    from tutor.models import LtiPlatform

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
SENT = {
    "name": "Canvas",
    "issuer": "https://canvas.example",
    "client_id": "10000000000001",
    "deployment_ids": "1:abc\n2:def\n",
    "key_set_url": "https://canvas.example/keys",
    "authorisation_url": "https://canvas.example/authorise",
    "token_url": "https://canvas.example/token",
}


def test_an_administrator_registers_changes_and_removes_a_platform(school: School, owner: Person) -> None:
    from tutor.models import LtiPlatform

    client = Client()
    client.force_login(owner, backend=BACKEND)
    place = f"/o/{school.organisation.slug}/tutor/lti/platforms/"
    assert client.post(place, SENT).status_code == 302
    with acting_in(school.organisation):
        made = LtiPlatform.objects.get()
    assert made.deployment_ids == ["1:abc", "2:def"]
    assert client.post(place, SENT).status_code == 422
    assert client.post(f"{place}{made.pk}/", {**SENT, "name": "Canvas 2"}).status_code == 302
    assert "Canvas 2" in client.get(place).content.decode()
    assert client.post(f"{place}{made.pk}/remove/").status_code == 302
    with acting_in(school.organisation):
        assert not LtiPlatform.objects.exists()


def test_an_address_without_tls_is_not_taken(school: School, owner: Person) -> None:
    client = Client()
    client.force_login(owner, backend=BACKEND)
    sent = {**SENT, "token_url": "http://canvas.example/token"}
    page = client.post(f"/o/{school.organisation.slug}/tutor/lti/platforms/", sent)
    assert page.status_code == 422
    assert "begins with https" in page.content.decode()


def test_a_teacher_registers_nothing(school: School) -> None:
    client = Client()
    client.force_login(school.teacher, backend=BACKEND)
    assert client.get(f"/o/{school.organisation.slug}/tutor/lti/platforms/").status_code == 403


def test_the_key_set_has_public_halves_alone(school: School, registered: LtiPlatform) -> None:
    (key,) = Client().get(f"/o/{school.organisation.slug}/tutor/lti/keys/").json()["keys"]
    assert key["alg"] == "RS256"
    assert {"kid", "n", "e"} <= set(key)
    assert "d" not in key


def test_the_private_key_is_sealed(school: School, registered: LtiPlatform) -> None:
    with acting_in(school.organisation), connection.cursor() as cursor:
        cursor.execute("SELECT private_key FROM tutor_ltiplatform")
        assert b"PRIVATE KEY" not in bytes(cursor.fetchone()[0])


def test_nobody_but_the_platform_is_asked(registered: LtiPlatform) -> None:
    from tutor.lti.outgoing import PlatformSession, RefusedAddressError

    with pytest.raises(RefusedAddressError):
        PlatformSession(registered).get("https://elsewhere.example/keys")


def test_a_platform_within_the_operators_network_is_asked_where_that_is_allowed(
    registered: LtiPlatform, moodle: LearningPlatform, settings: SettingsWrapper
) -> None:
    from tutor.lti.outgoing import PlatformSession, RefusedAddressError

    # The certificate and the answer are of the name; the connection goes to the place that was looked at.
    platform = PlatformSession(registered)
    assert platform.get(registered.key_set_url).json()["keys"]
    settings.PRIVATE_NETWORKS = []
    with pytest.raises(RefusedAddressError):
        platform.get(registered.key_set_url)


def test_an_address_within_a_private_network_is_refused_with_what_to_do(school: School, owner: Person) -> None:
    client = Client()
    client.force_login(owner, backend=BACKEND)
    sent = {**SENT, "key_set_url": "https://10.1.2.3/keys"}
    page = client.post(f"/o/{school.organisation.slug}/tutor/lti/platforms/", sent)
    assert page.status_code == 422
    assert "LLMASOS_PRIVATE_NETWORKS" in page.content.decode()
