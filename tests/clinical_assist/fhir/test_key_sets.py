"""Systems that publish their keys at an address: asked when needed, kept, asked again for a key that is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.clinical_assist.fhir import signing
from tests.clinical_assist.fhir.key_server import KeyServer, publishing
from tests.clinical_assist.fhir.test_hooks import call, ibuprofen, signing_off
from tests.clinical_assist.fhir.test_import_pages import SYSTEMS, program
from tests.clinical_assist.fhir.test_server import ask_token

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import Settings as SettingsWrapper

    from clinical_assist.models import FhirClient
    from tests.clinical_assist.conftest import Clinic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with publishing(signing.key_set()) as one:
        yield one


@pytest.fixture
def registry(clinic: Clinic, server: KeyServer) -> FhirClient:
    from clinical_assist.fhir.server.clients import add_client

    values = {"name": "Registry", "key_set_url": server.address, "scopes": ["system/*.rs"]}
    return add_client(clinic.principal(clinic.administrator), values)


def test_keys_are_asked_for_once_and_kept(client: Client, registry: FhirClient, server: KeyServer) -> None:
    assert [ask_token(client, registry).status_code for _time in range(2)] == [200, 200]
    assert server.asked == 1


def test_a_new_key_is_found_by_asking_once_more(client: Client, registry: FhirClient, server: KeyServer) -> None:
    ask_token(client, registry)
    server.keys = signing.key_set("new", kid="two")

    assert ask_token(client, registry, key="new", kid="two").status_code == 200
    assert ask_token(client, registry, key="new", kid="three").status_code == 401
    assert server.asked == 3


def test_what_strangers_send_makes_us_ask_a_few_times_a_minute_at_most(
    client: Client, registry: FhirClient, server: KeyServer
) -> None:
    from clinical_assist.fhir.key_sets import ASKED_A_MINUTE

    for number in range(ASKED_A_MINUTE + 2):
        assert ask_token(client, registry, key="another", kid=f"unknown {number}").status_code == 401
    assert server.asked == ASKED_A_MINUTE
    assert ask_token(client, registry).status_code == 200


def test_a_caller_of_hooks_is_known_by_published_keys(client: Client, clinic: Clinic, server: KeyServer) -> None:
    from clinical_assist.hooks.callers import add_caller

    values = {"name": "Records", "issuer": signing.ISSUER, "key_set_url": server.address, "origins": []}
    add_caller(clinic.principal(clinic.administrator), values)

    assert call(client, "order-sign", signing_off(ibuprofen())).status_code == 200


@pytest.mark.parametrize(
    ("keys", "moved"),
    [
        pytest.param({"keys": []}, False, id="no key"),
        pytest.param({"keys": [{"kty": "EC", "d": "secret"}]}, False, id="a private key"),
        pytest.param({"keys": [], "more": "x" * 200_000}, False, id="too large"),
        pytest.param(signing.key_set(), True, id="a redirect"),
    ],
)
def test_what_is_no_key_set_admits_nobody(
    client: Client, registry: FhirClient, server: KeyServer, keys: Any, moved: bool
) -> None:
    with publishing(signing.key_set()) as elsewhere:
        server.keys, server.moved_to = keys, elsewhere.address if moved else ""

        assert ask_token(client, registry).status_code == 401
        assert elsewhere.asked == 0


@pytest.mark.parametrize(
    "address",
    ["http://records.example/jwks", "https://name:word@records.example/jwks", "file:///etc/passwd", "https://[x/"],
)
def test_other_addresses_are_never_asked(address: str) -> None:
    from llmasos.runtime.addresses import is_allowed

    assert not is_allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("https://127.0.0.1/jwks", id="this machine"),
        pytest.param("https://localhost/jwks", id="this machine by name"),
        pytest.param("https://10.1.2.3/jwks", id="a private network"),
        pytest.param("https://169.254.169.254/latest", id="a cloud's metadata"),
        pytest.param("https://[::ffff:192.168.1.1]/jwks", id="a private network in disguise"),
        pytest.param("https://[fd00::1]/jwks", id="a private network of version 6"),
    ],
)
def test_what_is_not_public_is_not_asked(settings: SettingsWrapper, address: str) -> None:
    from clinical_assist.fhir.key_sets import fetch
    from llmasos.runtime.addresses import PrivateAddressError

    settings.PRIVATE_NETWORKS = []

    with pytest.raises(PrivateAddressError):
        fetch(address)


def test_plain_http_is_for_this_machine_where_it_is_allowed(settings: SettingsWrapper, server: KeyServer) -> None:
    from clinical_assist.fhir.key_sets import KeySetAwayError, fetch

    assert fetch(server.address) == signing.key_set()
    settings.PRIVATE_NETWORKS = []
    with pytest.raises(KeySetAwayError):
        fetch(server.address)
    assert server.asked == 1


@pytest.mark.usefixtures("registry")
def test_no_transaction_waits_for_keys(client: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    from clinical_assist.fhir import assertions
    from clinical_assist.hooks.callers import add_caller
    from clinical_assist.models import FhirClient
    from llmasos.accounts.tenancy import acting_in, current_organisation_id

    acting: list[Any] = []

    def keys(_address: str) -> Any:
        acting.append(current_organisation_id())
        return signing.key_set()

    monkeypatch.setattr(assertions, "key_set_at", keys)
    values = {"name": "Records", "issuer": signing.ISSUER, "key_set_url": "https://records.example", "origins": []}
    add_caller(clinic.principal(clinic.administrator), values)
    with acting_in(clinic.organisation):
        registry = FhirClient.objects.for_organisation(clinic.id).get()

    assert ask_token(client, registry).status_code == 200
    assert call(client, "order-sign", signing_off(ibuprofen())).status_code == 200
    assert acting == [None, None]


def test_an_administrator_registers_an_address_where_keys_can_be_read(
    client: Client, clinic: Clinic, server: KeyServer
) -> None:
    client.force_login(clinic.administrator)
    given = program(**{"program-key_set": "", "program-key_set_url": server.address})

    assert server.address in client.post(SYSTEMS, given, follow=True).content.decode()
    assert client.post(SYSTEMS, given | {"program-key_set_url": ""}).status_code == 422
    server.keys = {}
    private = given | {"program-key_set_url": "https://10.1.2.3/jwks"}
    assert "within a private network" in client.post(SYSTEMS, private).content.decode()
    assert "No key set with a usable public key" in client.post(SYSTEMS, given).content.decode()
