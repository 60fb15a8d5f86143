from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from llmasos.accounts import second_factors
from llmasos.accounts.models import MailServer, Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.audit.scope import log_of
from llmasos.audit.types import PLATFORM
from llmasos.privacy import key_rotation
from llmasos.privacy.key_rotation import KeyInUseError, retire, rotate
from llmasos.vault import keys, rotation, services
from llmasos.vault.blind import blind_index
from llmasos.vault.errors import KeyDestroyedError, KeySourceError, UnknownKeyError
from llmasos.vault.models import SubjectKey


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.KEY_ENCRYPTION_FOLDER = tmp_path / "keys"
    services._kept.clear()
    return tmp_path / "keys"


def add_subjects(organisation: Organisation, number: int) -> dict[object, bytes]:
    with acting_in(organisation):
        made = [
            services.data_key(organisation_id=organisation.pk, subject_kind="patient", subject_id=uuid4())
            for _ in range(number)
        ]
    return {key.id: key.secret for key in made}


def secrets_of(organisation: Organisation) -> dict[object, bytes]:
    with acting_in(organisation):
        return {key.pk: services.data_key_by_id(key.pk).secret for key in SubjectKey.objects.all()}


def actions(organisation_id: object) -> list[str]:
    with log_of(organisation_id):  # type: ignore[arg-type]
        entries = Entry.objects.filter(organisation_id=organisation_id, action__startswith="privacy.key")
        return list(entries.order_by("recorded_at").values_list("action", flat=True))


@pytest.mark.django_db
def test_every_subject_of_every_organisation_moves_and_keeps_its_key(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    before = add_subjects(organisation, 5), add_subjects(other_organisation, 3)
    old = keys.current_key_id()
    done = rotate(batch=2)
    assert (done.subject_keys, done.organisations, done.remaining) == (8, 2, 0)
    assert set(rotation.key_use()) == {done.key} != {old}
    retire(old, seconds_since_current=None)
    assert (secrets_of(organisation), secrets_of(other_organisation)) == before
    assert actions(organisation.pk) == ["privacy.keys_rewrapped"]
    assert actions(PLATFORM) == ["privacy.key_rotation_started", "privacy.key_rotation_ended", "privacy.key_retired"]


@pytest.mark.django_db
def test_what_is_sealed_under_the_key_itself_moves_too(owner: Person) -> None:
    server = MailServer.objects.create(host="mail.example", sender="a@example.org", password="pass-fräse")
    data = {"secret": second_factors.seal("ABC"), "migrated_codes": [second_factors.seal("1")], "used_mask": 0}
    authenticator = Authenticator.objects.create(user=owner, type="totp", data=data)
    old = keys.current_key_id()
    assert rotate().values == 2
    retire(old, seconds_since_current=None)
    keys.forget()
    assert MailServer.objects.get(pk=server.pk).password == "pass-fräse"
    stored = Authenticator.objects.get(pk=authenticator.pk).data
    assert second_factors.unseal(stored["secret"]) == "ABC"
    assert [second_factors.unseal(code) for code in stored["migrated_codes"]] == ["1"]


@pytest.mark.django_db
def test_an_interrupted_rotation_goes_on_with_the_same_key(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = add_subjects(organisation, 6)
    calls = 0
    rewrap = rotation.rewrap

    def interrupted(*args: object, **kwargs: object) -> int:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return rewrap(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(key_rotation.rotation, "rewrap", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rotate(batch=2)
    monkeypatch.undo()
    half_way = keys.current_key_id()
    assert rotation.key_use()[half_way].subject_keys == 4
    assert secrets_of(organisation) == before
    done = rotate(batch=2)
    assert (done.key, done.resumed, done.subject_keys, done.remaining) == (half_way, True, 2, 0)
    assert rotate().key != half_way


def test_people_are_added_and_erased_while_it_runs(committed_database: str, organisation: Organisation) -> None:
    before = add_subjects(organisation, 60)
    with acting_in(organisation):
        erased = list(SubjectKey.objects.values_list("subject_id", flat=True)[:20])
    added: dict[object, bytes] = {}

    def work() -> None:
        for subject_id in erased:
            with acting_in(organisation):
                services.destroy_key(organisation_id=organisation.pk, subject_kind="patient", subject_id=subject_id)
            added.update(add_subjects(organisation, 1))
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    key = rotate(batch=3).key
    thread.join()
    with acting_in(organisation):
        assert SubjectKey.objects.filter(wrapped_key__isnull=True).count() == 20
        present = {
            row.pk: services.data_key_by_id(row.pk).secret
            for row in SubjectKey.objects.filter(wrapped_key__isnull=False)
        }
        with pytest.raises(KeyDestroyedError):
            services.data_key(organisation_id=organisation.pk, subject_kind="patient", subject_id=erased[0])
    assert len(present) == 60
    assert all((before | added)[key_id] == secret for key_id, secret in present.items())
    assert rotate(to=key).remaining == 0
    assert set(rotation.key_use()) == {key}


@pytest.mark.django_db
def test_blind_indexes_outlive_it(organisation: Organisation) -> None:
    with acting_in(organisation):
        before = blind_index(organisation.pk, "patient-number", "MRN-42")
    old = keys.current_key_id()
    rotate()
    retire(old, seconds_since_current=None)
    with acting_in(organisation):
        assert blind_index(organisation.pk, "patient-number", "MRN-42") == before


@pytest.mark.django_db
def test_an_older_backup_is_closed_once_its_key_is_retired(organisation: Organisation) -> None:
    (key_id,) = add_subjects(organisation, 1)
    with acting_in(organisation):
        backup = SubjectKey.objects.get(pk=key_id)
    old = keys.current_key_id()
    rotate()
    retire(old, seconds_since_current=None)
    with pytest.raises(UnknownKeyError, match=old):
        services._opened(backup)


@pytest.mark.django_db
def test_a_key_in_use_is_not_retired(organisation: Organisation) -> None:
    add_subjects(organisation, 1)
    old = keys.current_key_id()
    keys.add_key("next")
    keys.use_key("next", rotating=True)
    with pytest.raises(KeyInUseError, match="1 subjects' keys"):
        retire(old, seconds_since_current=None)
    assert rotate().resumed
    with pytest.raises(KeyInUseError, match="15 more minutes"):
        retire(old, seconds_since_current=30.0)
    with pytest.raises(KeySourceError, match="current"):
        retire("next", seconds_since_current=None)


@pytest.mark.django_db
def test_keys_from_the_environment_rotate_to_its_current_one(organisation: Organisation, settings: Settings) -> None:
    settings.KEY_ENCRYPTION_KEYS = {"one": b"1" * 32}
    settings.KEY_ENCRYPTION_KEY_ID = "one"
    before = add_subjects(organisation, 2)
    with pytest.raises(KeySourceError, match="KEY_ID"):
        rotate(to="two")
    settings.KEY_ENCRYPTION_KEYS = {"one": b"1" * 32, "two": b"2" * 32}
    settings.KEY_ENCRYPTION_KEY_ID = "two"
    assert rotate().subject_keys == 2
    settings.KEY_ENCRYPTION_KEYS = {"two": b"2" * 32}
    assert secrets_of(organisation) == before


def answer(*arguments: str) -> dict[str, object]:
    output = io.StringIO()
    call_command("privacy", *arguments, "--json", stdout=output, stderr=io.StringIO())
    found: dict[str, object] = json.loads(output.getvalue())
    return found


@pytest.mark.django_db
def test_keys_are_listed_rotated_and_retired_by_command(organisation: Organisation) -> None:
    add_subjects(organisation, 2)
    old = keys.current_key_id()
    done = answer("rotate-keys", "--batch", "1")
    assert (done["subject_keys"], done["resumed"], done["remaining"]) == (2, False, 0)
    listed = answer("keys", "list")
    assert {(key["id"], key["current"], key["subject_keys"]) for key in listed["keys"]} == {  # type: ignore[attr-defined]
        (old, False, 0),
        (done["key"], True, 2),
    }
    assert answer("keys", "retire", old, "--now") == {"retired": old}
    assert keys.key_ids() == (done["key"],)


@pytest.mark.django_db
def test_exported_keys_come_back_into_an_empty_system(
    organisation: Organisation, tmp_path: Path, settings: Settings
) -> None:
    before = add_subjects(organisation, 2)
    rotate()
    held = {key_id: keys.key_encryption_key(key_id) for key_id in keys.key_ids()}
    current = keys.current_key_id()
    copy, passphrase = tmp_path / "keys.json", tmp_path / "passphrase"
    passphrase.write_text("correct horse battery\n")
    answer("keys", "export", str(copy), "--passphrase-file", str(passphrase))
    assert copy.stat().st_mode & 0o777 == 0o600
    assert not any(key in copy.read_bytes() for key in held.values())
    settings.KEY_ENCRYPTION_FOLDER = tmp_path / "elsewhere"
    wrong = tmp_path / "wrong"
    wrong.write_text("another passphrase\n")
    with pytest.raises(CommandError, match="passphrase"):
        answer("keys", "import", str(copy), "--passphrase-file", str(wrong))
    answer("keys", "import", str(copy), "--passphrase-file", str(passphrase))
    assert keys.current_key_id() == current
    assert {key_id: keys.key_encryption_key(key_id) for key_id in keys.key_ids()} == held
    assert secrets_of(organisation) == before


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text("short\n")
    with pytest.raises(CommandError, match="12 characters"):
        answer("keys", "export", str(tmp_path / "k"), "--passphrase-file", str(tmp_path / "passphrase"))
