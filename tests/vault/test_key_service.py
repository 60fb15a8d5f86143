from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.vault import keys
from llmasos.vault.errors import KeyServiceError
from llmasos.vault.key_services import TransitKeyService
from llmasos.vault.sealing import seal, unseal
from llmasos.vault.services import data_key
from tests.vault.transit import TOKEN, TransitServer, transit_server


@pytest.fixture
def server(tmp_path: Path, settings: Settings) -> Iterator[TransitServer]:
    with transit_server() as server:
        settings.KEY_SERVICE = "llmasos.vault.key_services.TransitKeyService"
        settings.KEY_SERVICE_URL = server.url
        settings.KEY_SERVICE_KEY = "llmasos"
        settings.KEY_SERVICE_TOKEN = TOKEN
        settings.KEY_ENCRYPTION_FOLDER = tmp_path / "keys"
        _forget()
        yield server
    _forget()


def _forget() -> None:
    from llmasos.vault import key_services

    key_services._made.cache_clear()
    keys.forget()


def test_only_the_wrapped_key_is_kept(server: TransitServer, tmp_path: Path) -> None:
    key = keys.key_encryption_key(keys.current_key_id())
    stored = b"".join(file.read_bytes() for file in (tmp_path / "keys").iterdir())
    material = keys._materials()[keys.current_key_id()]
    assert material.startswith(b"vault:v1:")
    assert key not in material
    assert key not in stored


@pytest.mark.django_db
def test_the_service_is_asked_once_for_many_values(server: TransitServer, organisation: Organisation) -> None:
    with acting_in(organisation):
        for _ in range(20):
            data_key(organisation_id=organisation.pk, subject_kind="patient", subject_id=uuid4())
    for number in range(20):
        assert unseal(seal(b"text", context=str(number)), context=str(number)) == b"text"
    assert server.asked == ["encrypt", "decrypt"]


def test_a_key_disabled_in_the_service_closes_the_data(server: TransitServer, settings: Settings) -> None:
    settings.KEY_CACHE_SECONDS = 0
    blob = seal(b"text", context="x")
    server.disabled = True
    with pytest.raises(KeyServiceError, match="403"):
        unseal(blob, context="x")


def test_a_key_wrapped_under_another_name_does_not_open(server: TransitServer) -> None:
    service = TransitKeyService()
    with pytest.raises(KeyServiceError):
        service.unwrap(service.wrap(b"k" * 32, key_id="one"), key_id="two")


def test_a_service_that_is_away_is_reported_without_secrets(server: TransitServer, settings: Settings) -> None:
    settings.KEY_SERVICE_URL = "http://127.0.0.1:9/v1/transit"
    with pytest.raises(KeyServiceError) as raised:
        TransitKeyService().wrap(b"k" * 32, key_id="one")
    assert TOKEN not in str(raised.value)


def test_a_service_without_its_settings_is_refused(settings: Settings) -> None:
    settings.KEY_SERVICE_TOKEN = ""
    with pytest.raises(KeyServiceError, match="LLMASOS_KEY_SERVICE_TOKEN"):
        TransitKeyService()
