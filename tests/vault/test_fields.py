from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core import checks
from django.core.exceptions import FieldError
from django.db import connection, models
from django.forms import modelform_factory
from django.test.utils import isolate_apps

from llmasos.accounts.models import MailServer, Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.vault.errors import DecryptionError, KeyDestroyedError, UnsealableError
from llmasos.vault.fields import EncryptedTextField
from llmasos.vault.models import SubjectKey
from llmasos.vault.services import data_key, destroy_key

pytestmark = pytest.mark.django_db


def _stored(password: str = "pass-fräse") -> MailServer:
    return MailServer.objects.create(host="mail.example", sender="a@example.org", password=password)


def _raw(server: MailServer) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM accounts_mailserver WHERE id = %s", [server.pk])
        return bytes(cursor.fetchone()[0])


def test_text_is_plain_in_python_and_sealed_in_the_database() -> None:
    server = _stored()
    assert MailServer.objects.get(pk=server.pk).password == "pass-fräse"
    assert "fräse".encode() not in _raw(server)


def test_a_value_moved_to_another_row_does_not_open() -> None:
    one, two = _stored("one"), _stored("two")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_mailserver SET password = %s WHERE id = %s", [_raw(one), two.pk])
    with pytest.raises(DecryptionError):
        _ = MailServer.objects.get(pk=two.pk).password


def test_saving_other_fields_keeps_the_sealed_value() -> None:
    server = _stored()
    before = _raw(server)
    loaded = MailServer.objects.get(pk=server.pk)
    loaded.host = "other.example"
    loaded.save()
    assert _raw(server) == before


def test_a_changed_value_is_sealed_anew() -> None:
    loaded = MailServer.objects.get(pk=_stored().pk)
    loaded.password = "changed"
    loaded.save()
    assert MailServer.objects.get(pk=loaded.pk).password == "changed"


def test_a_deferred_value_opens_when_it_is_read() -> None:
    server = MailServer.objects.defer("password").get(pk=_stored().pk)
    assert server.password == "pass-fräse"


def test_it_cannot_be_searched() -> None:
    with pytest.raises(FieldError):
        MailServer.objects.filter(password="pass-fräse").exists()


def test_it_cannot_be_written_without_its_row() -> None:
    _stored()
    with pytest.raises(UnsealableError):
        MailServer.objects.update(password="x")


def test_values_without_their_row_have_no_text() -> None:
    _stored()
    value = MailServer.objects.values_list("password", flat=True).get()
    with pytest.raises(UnsealableError):
        str(value)


def test_forms_show_and_take_plain_text() -> None:
    form_class = modelform_factory(MailServer, fields=["host", "port", "security", "password", "sender"])
    server = _stored()
    values = {"host": "m.example", "port": 25, "security": "tls", "password": "new", "sender": "b@example.org"}
    form = form_class(values, instance=server)
    assert form_class(instance=server)["password"].value() == "pass-fräse"
    form.save()
    assert MailServer.objects.get(pk=server.pk).password == "new"


@isolate_apps("llmasos.vault")
def test_a_row_without_a_key_of_its_own_making_is_reported() -> None:
    class Numbered(models.Model):  # noqa: DJ008 - never shown
        text = EncryptedTextField()

        class Meta:
            app_label = "vault"

    found = Numbered._meta.get_field("text").check()
    assert [message.id for message in found if isinstance(message, checks.Error)] == ["vault.E001"]


@pytest.fixture
def note_model() -> Iterator[Any]:
    with isolate_apps("llmasos.vault"):

        class Note(models.Model):  # noqa: DJ008 - never shown
            id = models.UUIDField(primary_key=True, default=uuid4)
            organisation_id = models.UUIDField()
            patient_id = models.UUIDField()
            text = EncryptedTextField(subject_kind="patient", subject_attribute="patient_id")

            class Meta:
                app_label = "vault"

        yield Note


def test_a_subjects_text_is_sealed_under_the_subjects_key(organisation: Organisation, note_model: Any) -> None:
    note = note_model(organisation_id=organisation.pk, patient_id=uuid4())
    field = note_model._meta.get_field("text")
    with acting_in(organisation):
        sealed = field.close(note, "red rash")
        key = SubjectKey.objects.get(subject_kind="patient", subject_id=note.patient_id)
        assert sealed.blob[2:18] == key.pk.bytes
        assert field.open(note, sealed) == "red rash"


def test_a_destroyed_key_closes_the_text_for_good(organisation: Organisation, note_model: Any) -> None:
    note = note_model(organisation_id=organisation.pk, patient_id=uuid4())
    field = note_model._meta.get_field("text")
    subject = {"organisation_id": organisation.pk, "subject_kind": "patient", "subject_id": note.patient_id}
    with acting_in(organisation):
        sealed = field.close(note, "red rash")
        assert destroy_key(**subject)
        with pytest.raises(KeyDestroyedError):
            field.open(note, sealed)
        with pytest.raises(KeyDestroyedError):
            data_key(**subject)


def test_keys_of_one_organisation_are_invisible_to_another(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    with acting_in(organisation):
        data_key(organisation_id=organisation.pk, subject_kind="patient", subject_id=uuid4())
    with acting_in(other_organisation):
        assert not SubjectKey.objects.exists()
