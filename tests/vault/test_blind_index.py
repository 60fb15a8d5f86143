from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core import checks
from django.db import connection, models
from django.test.utils import isolate_apps

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.vault import wiping
from llmasos.vault.blind import BlindIndexField, blind_index, found_by
from llmasos.vault.errors import KeyDestroyedError
from llmasos.vault.fields import EncryptedTextField
from llmasos.vault.services import destroy_key
from tests.vault.patients import patient_model


@pytest.fixture
def patient(committed_database: str, organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with patient_model() as (model, registry):
        monkeypatch.setattr(wiping, "apps", registry)
        with acting_in(organisation):
            yield model


def add(model: Any, organisation: Organisation, **values: Any) -> Any:
    values = {"given": "Anna", "family": "Müller", "born": date(1980, 2, 3), "numbers": ["MRN-42"]} | values
    return model.objects.create(organisation_id=organisation.pk, **values)


def found(model: Any, field: str, organisation: Organisation, text: str) -> set[Any]:
    return set(model.objects.filter(found_by(model, field, organisation_id=organisation.pk, text=text)))


def test_rows_are_found_by_name_birth_date_and_identifier(patient: Any, organisation: Organisation) -> None:
    anna, wang = (
        add(patient, organisation),
        add(patient, organisation, given="小明", family="王", born=None, numbers=[]),
    )
    assert found(patient, "name_index", organisation, "mül ann") == {anna}
    assert found(patient, "name_index", organisation, "小明") == {wang}
    assert found(patient, "born_index", organisation, "1980-02-03") == {anna}
    assert found(patient, "number_index", organisation, "mrn 42") == {anna}
    for field, text in (
        ("name_index", "mü"),
        ("born_index", "3.2.1980"),
        ("number_index", "MRN-4"),
        ("name_index", ""),
    ):
        assert found(patient, field, organisation, text) == set()


def test_the_table_holds_no_text(patient: Any, organisation: Organisation) -> None:
    add(patient, organisation)
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM vault_patient p")
        stored = cursor.fetchone()[0]
    for text in ("Anna", "anna", "Müller", "muller", "1980-02-03", "MRN-42", "mrn42"):
        assert text not in stored
        assert text.encode().hex() not in stored


def test_changing_some_fields_changes_the_indexes_over_them(patient: Any, organisation: Organisation) -> None:
    anna = patient.objects.get(pk=add(patient, organisation).pk)
    anna.family = "Weber"
    anna.save(update_fields=["family"])
    assert found(patient, "name_index", organisation, "anna weber") == {anna}
    assert found(patient, "name_index", organisation, "müller") == set()


def test_saving_what_was_not_read_keeps_the_indexes(patient: Any, organisation: Organisation) -> None:
    anna = patient.objects.only("id", "notes", "organisation_id").get(pk=add(patient, organisation).pk)
    anna.notes = "seen"
    anna.save()
    assert found(patient, "name_index", organisation, "müller") == {anna}


def test_erasing_the_subject_wipes_the_indexes(patient: Any, organisation: Organisation) -> None:
    anna, other = add(patient, organisation), add(patient, organisation)
    destroy_key(organisation_id=organisation.pk, subject_kind="patient", subject_id=anna.pk)
    left = patient.objects.get(pk=anna.pk)
    assert (left.name_index, left.born_index, left.number_index) == ([], [], [])
    with pytest.raises(KeyDestroyedError):
        _ = left.given
    assert found(patient, "name_index", organisation, "müller") == {other}


def test_a_name_search_uses_the_index(patient: Any, organisation: Organisation) -> None:
    for _ in range(3):
        add(patient, organisation)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    query = patient.objects.filter(found_by(patient, "name_index", organisation_id=organisation.pk, text="mül"))
    assert "test_patient_name" in query.explain()


@pytest.mark.django_db
def test_organisations_and_purposes_have_keys_of_their_own(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    with acting_in(organisation):
        here, again, elsewhere = (blind_index(organisation.pk, purpose, "42") for purpose in ("a", "a", "b"))
    with acting_in(other_organisation):
        there = blind_index(other_organisation.pk, "a", "42")
    assert here == again
    assert len({here, elsewhere, there}) == 3


@isolate_apps("llmasos.vault")
def test_a_model_that_would_leave_its_index_behind_is_reported() -> None:
    class Numbered(models.Model):  # noqa: DJ008 - never shown
        id = models.UUIDField(primary_key=True)
        text = EncryptedTextField()
        plain = models.TextField()
        text_index = BlindIndexField(source="text", kind="name", purpose="x")
        plain_index = BlindIndexField(source="plain", kind="name", purpose="x")

        class Meta:
            app_label = "vault"

    found = [Numbered._meta.get_field(name).check() for name in ("text_index", "plain_index")]
    assert [[message.id for message in each if isinstance(message, checks.Error)] for each in found] == [
        ["vault.E004"],
        ["vault.E003", "vault.E004"],
    ]
