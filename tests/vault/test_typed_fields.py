from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import django_filters
import pytest
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import FieldError
from django.db.migrations.writer import MigrationWriter
from django.forms import modelform_factory
from django.http import HttpRequest
from django.test import RequestFactory
from rest_framework.serializers import ModelSerializer

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.vault import wiping
from llmasos.vault.filters import BlindIndexFilter
from tests.vault.patients import patient_model

FIELDS = ["given", "family", "email", "born", "numbers", "notes"]
VALUES = {
    "given": "Anna",
    "family": "Müller",
    "email": "anna@example.org",
    "born": "1980-02-03",
    "numbers": '["MRN-42"]',
    "notes": "red rash",
}


@pytest.fixture
def patient(committed_database: str, organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with patient_model() as (model, registry):
        monkeypatch.setattr(wiping, "apps", registry)
        with acting_in(organisation):
            yield model


@pytest.fixture
def anna(patient: Any, organisation: Organisation) -> Any:
    values = VALUES | {"born": date(1980, 2, 3), "numbers": ["MRN-42"]}
    return patient.objects.create(organisation_id=organisation.pk, **values)


def test_values_keep_their_types(patient: Any, anna: Any) -> None:
    read = patient.objects.get(pk=anna.pk)
    assert (read.born, read.numbers, read.email) == (date(1980, 2, 3), ["MRN-42"], "anna@example.org")


def test_a_form_validates_and_saves_plain_values(patient: Any, anna: Any) -> None:
    form_class = modelform_factory(patient, fields=FIELDS)
    form = form_class(VALUES | {"born": "1981-04-05", "family": "Weber"}, instance=patient.objects.get(pk=anna.pk))
    assert form.is_valid()
    form.save()
    read = patient.objects.get(pk=anna.pk)
    assert (read.born, read.family, read.notes) == (date(1981, 4, 5), "Weber", "red rash")
    wrong = form_class(VALUES | {"born": "soon", "email": "nobody", "given": "x" * 41, "numbers": "{"})
    assert set(wrong.errors) == {"born", "email", "given", "numbers"}


def test_the_admin_shows_and_changes_plain_values(patient: Any, anna: Any) -> None:
    request = RequestFactory().get("/")
    request.user = Person(is_superuser=True)
    site = AdminSite()
    form_class = ModelAdmin(patient, site).get_form(request, patient.objects.get(pk=anna.pk), change=True)
    assert list(form_class.base_fields) == ["id", *FIELDS]
    shown = form_class(instance=patient.objects.get(pk=anna.pk)).as_p()
    assert "red rash" in shown
    assert "1980-02-03" in shown


def test_a_serializer_reads_and_writes_plain_values(patient: Any, anna: Any, organisation: Organisation) -> None:
    class PatientSerializer(ModelSerializer[Any]):
        class Meta:
            model = patient
            fields = FIELDS

    assert PatientSerializer(patient.objects.get(pk=anna.pk)).data == VALUES | {"numbers": ["MRN-42"]}
    given = PatientSerializer(data=VALUES | {"numbers": ["MRN-43"]})
    assert given.is_valid(), given.errors
    saved = given.save(organisation_id=organisation.pk)
    assert patient.objects.get(pk=saved.pk).numbers == ["MRN-43"]
    wrong = PatientSerializer(data=VALUES | {"born": "soon", "email": "nobody"})
    assert not wrong.is_valid()
    assert set(wrong.errors) == {"born", "email"}


def test_a_filter_finds_by_the_blind_index(patient: Any, anna: Any, organisation: Organisation) -> None:
    def organisation_of(request: HttpRequest) -> UUID:
        return organisation.pk

    class PatientFilter(django_filters.FilterSet):
        name = BlindIndexFilter(field_name="name_index", organisation_of=organisation_of)

        class Meta:
            model = patient
            fields: list[str] = []

    def filtered(text: str) -> list[Any]:
        return list(PatientFilter({"name": text}, request=RequestFactory().get("/")).qs)

    assert (filtered("müll"), filtered(""), filtered("weber")) == ([anna], [anna], [])


@pytest.mark.parametrize("lookup", ["born", "born__gte", "numbers__contains", "numbers__0", "email__icontains"])
def test_no_typed_field_is_searched_in_the_database(patient: Any, lookup: str) -> None:
    with pytest.raises(FieldError):
        patient.objects.filter(**{lookup: "1980-01-01"}).exists()


def test_a_list_of_rows_asks_once_for_each_subjects_key(
    patient: Any, organisation: Organisation, django_assert_num_queries: Any
) -> None:
    values = VALUES | {"born": None, "numbers": []}
    for _ in range(3):
        patient.objects.create(organisation_id=organisation.pk, **values)
    with django_assert_num_queries(4):
        shown = [(row.given, row.family, row.notes) for row in patient.objects.all()]
    assert shown == [("Anna", "Müller", "red rash")] * 3


def test_migrations_can_write_the_fields_down(patient: Any) -> None:
    for field in patient._meta.local_fields:
        text, _ = MigrationWriter.serialize(field)
        again = field.clone()
        assert again.deconstruct()[1:] == field.deconstruct()[1:], text
