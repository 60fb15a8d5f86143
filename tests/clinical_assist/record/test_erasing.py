"""Erasing people of whom, or by whom, something is in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from clinical_assist.fhir import jobs
from clinical_assist.fhir.errors import FhirError
from clinical_assist.models import FhirImport, Note, NoteAddendum, Patient, RecordItem, ShownDifferential
from clinical_assist.record.access import subject
from clinical_assist.record.items import Problem
from llmasos.accounts.models import Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.types import Ref
from llmasos.privacy import services
from llmasos.privacy.registry import stores
from tests.clinical_assist.fhir import bundles
from tests.clinical_assist.fhir.test_importing import imported, newcomer

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("valkey")
def test_a_clinician_who_wrote_and_signed_can_be_erased_and_the_record_stays(clinic: Clinic) -> None:
    clinic.item("problem", Problem(name="Asthma"))
    owned = {"organisation": clinic.organisation, "patient": clinic.patient}
    with acting_in(clinic.id):
        note = Note.objects.create(**owned, encounter=clinic.encounter, state="signed", signed_by=clinic.doctor)
        NoteAddendum.objects.create(**owned, note=note, text="Culture sterile.", signed_by=clinic.doctor)
        ShownDifferential.objects.create(**owned, encounter=clinic.encounter, content={}, shown_to=clinic.doctor)

    services.erase_now(clinic.principal(clinic.administrator), Ref("person", clinic.doctor.pk))

    connection.check_constraints()
    assert not Person.objects.filter(pk=clinic.doctor.pk).exists()
    with acting_in(clinic.id):
        assert RecordItem.objects.for_organisation(clinic.id).get().recorded_by is None
        assert NoteAddendum.objects.for_organisation(clinic.id).get().signed_by is None


def test_an_erased_patient_leaves_no_waiting_file_and_no_name_of_a_file(clinic: Clinic) -> None:
    without_words = {**bundles.condition(), "code": {"text": " "}}
    content = bundles.bundle(bundles.patient(), without_words)
    imported(clinic, content)
    waiting = jobs.upload(clinic.principal(), [("Osei_Kwame.json", content.decode())])
    jobs.confirm(clinic.principal(), waiting.pk)
    patient = newcomer(clinic)

    erase = stores()["clinical.imports"].erase
    assert erase is not None
    with acting_in(clinic.id):
        rows = FhirImport.objects.for_organisation(clinic.id)
        assert [len(one.report) for one in rows] == [0, 1]
        erase(clinic.id, subject(patient.pk))
        assert [(one.state, one.upload, one.report) for one in rows.all()] == [("failed", [], []), ("done", [], [])]


def test_an_import_that_runs_does_not_bring_an_erased_patient_back(clinic: Clinic) -> None:
    content = bundles.bundle(bundles.patient())
    imported(clinic, content)
    with acting_in(clinic.id):
        job = FhirImport.objects.create(organisation=clinic.organisation, state="running", clinician=clinic.doctor)

    def erased(_done: int, _total: int) -> None:
        gone = subject(newcomer(clinic).pk)
        for name in ("clinical.imports", "clinical.record"):
            erase = stores()[name].erase
            assert erase is not None
            with acting_in(clinic.id):
                erase(clinic.id, gone)

    with pytest.raises(FhirError, match="was erased"):
        jobs.finish(clinic.principal(), job, [("file.json", content)], erased)

    with acting_in(clinic.id):
        assert Patient.objects.for_organisation(clinic.id).get() == clinic.patient
