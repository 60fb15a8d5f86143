from __future__ import annotations

from pathlib import Path

import pytest

from llmasos.accounts.models import ApiKey, Organisation
from llmasos.accounts.principals import system_principal
from llmasos.accounts.services import authenticate_key, revoke_api_key
from llmasos.accounts.tenancy import acting_in
from llmasos.api.services import ensure_local_credentials
from llmasos.client.credentials import find_credentials, read_credentials

URL = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLMASOS_BASE_URL", "LLMASOS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LLMASOS_VAR", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))


@pytest.mark.django_db
def test_sdk_on_this_machine_finds_server_and_key(organisation: Organisation) -> None:
    path = ensure_local_credentials(URL)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    found = find_credentials()
    principal = authenticate_key(found.api_key)
    assert (found.base_url, principal.organisation_id, principal.kind) == (URL, organisation.pk, "service")
    assert principal.scopes == {"generate", "embed", "search", "tutor"}


@pytest.mark.django_db
def test_working_key_is_kept_and_the_address_follows(organisation: Organisation) -> None:
    path = ensure_local_credentials(URL)
    assert path is not None
    before = read_credentials(path)
    ensure_local_credentials("http://127.0.0.1:9000")
    after = read_credentials(path)
    assert before is not None
    assert after is not None
    assert (after.api_key, after.base_url) == (before.api_key, "http://127.0.0.1:9000")


@pytest.mark.django_db
@pytest.mark.parametrize("damage", ["revoked", "damaged"])
def test_useless_key_is_replaced(organisation: Organisation, damage: str) -> None:
    path = ensure_local_credentials(URL)
    assert path is not None
    before = read_credentials(path)
    assert before is not None
    if damage == "damaged":
        path.write_text("{")
    else:
        with acting_in(organisation):
            key = ApiKey.objects.for_organisation(organisation).get()
        principal = system_principal(organisation.pk)
        revoke_api_key(principal=principal, organisation_id=organisation.pk, key_id=key.pk)
    ensure_local_credentials(URL)
    after = read_credentials(path)
    assert after is not None
    assert after.api_key != before.api_key
    assert authenticate_key(after.api_key).organisation_id == organisation.pk


@pytest.mark.django_db
def test_without_an_organisation_there_is_no_key(db: None) -> None:
    assert ensure_local_credentials(URL) is None
