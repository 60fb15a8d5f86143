from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from llmasos.accounts.models import Person
from llmasos.accounts.principals import Principal
from llmasos.audit import checkpoints
from llmasos.audit.services import sequence_all
from llmasos.audit.standalone import llmasos_verify
from llmasos.audit.types import Ref
from llmasos.privacy import services
from llmasos.privacy.errors import NotSignedYetError
from llmasos.privacy.models import Erasure

if TYPE_CHECKING:
    import redis


@pytest.fixture(autouse=True)
def signing(tmp_path: Path) -> Iterator[None]:
    with override_settings(CHECKPOINT_KEY_FOLDER=tmp_path / "keys", CHECKPOINT_FOLDER=tmp_path / "outside"):
        yield


@pytest.fixture
def erased(valkey: redis.Redis, officer: Principal, as_subject: Ref) -> Erasure:
    return services.erase_now(officer, as_subject)


def sign(officer: Principal) -> None:
    sequence_all()
    checkpoints.make(officer.organisation_id)


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_report_is_handed_out_when_a_checkpoint_covers_it(officer: Principal, erased: Erasure) -> None:
    with pytest.raises(NotSignedYetError):
        services.signed_report(officer, erased.pk)
    sign(officer)
    assert services.signed_report(officer, erased.pk)


def test_the_stand_alone_verifier_proves_the_digest_of_the_report(officer: Principal, erased: Erasure) -> None:
    sign(officer)
    files = opened(services.signed_report(officer, erased.pk))
    lines = files["proof.jsonl"].decode().splitlines()
    (entry,) = [line["entry"] for line in map(json.loads, lines) if line["type"] == "entry"]
    verified = llmasos_verify.verify(lines)
    assert (verified.faults, verified.proved) == ([], 1)
    assert entry["digests"]["report"] == hashlib.sha256(files["report.json"]).hexdigest()
    assert json.loads(files["report.json"])["subject"]["id"] == str(erased.subject_id)


def test_a_changed_entry_is_found(officer: Principal, erased: Erasure) -> None:
    sign(officer)
    proof = opened(services.signed_report(officer, erased.pk))["proof.jsonl"].decode()
    forged = proof.replace(erased.report_digest, "0" * 64)
    assert [fault.kind for fault in llmasos_verify.verify(forged.splitlines()).faults] != []


def test_the_page_leads_to_the_signed_report(
    client: Client, owner: Person, officer: Principal, erased: Erasure
) -> None:
    client.force_login(owner)
    page = reverse("privacy:erasure", args=["shop", erased.pk])
    signed = reverse("privacy:signed_report", args=["shop", erased.pk])
    assert signed not in client.get(page).content.decode()
    assert client.get(signed).status_code == 302
    sign(officer)
    assert signed in client.get(page).content.decode()
    assert client.get(signed)["Content-Disposition"] == f'attachment; filename="erasure-{erased.pk}.zip"'


def test_strangers_do_not_get_it(client: Client, stranger: Person, officer: Principal, erased: Erasure) -> None:
    sign(officer)
    client.force_login(stranger)
    assert client.get(reverse("privacy:signed_report", args=["shop", erased.pk])).status_code == 404
