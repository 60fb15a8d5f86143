from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.clinical_assist.fhir import bundles
from tests.clinical_assist.fhir.test_importing import imported, newcomer

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db


def exported(clinic: Clinic, patient: Any = None, by: Any = None) -> dict[str, Any]:
    from clinical_assist.fhir.exporting import export_record

    found = export_record(clinic.principal(by), (patient or clinic.patient).pk)
    bundle: dict[str, Any] = json.loads(found.text)
    return bundle


def of_type(bundle: dict[str, Any], type_: str) -> list[dict[str, Any]]:
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == type_]


def test_what_was_imported_comes_out_again_as_valid_fhir(clinic: Clinic) -> None:
    from clinical_assist.fhir.reading import problems

    imported(clinic, bundles.record())

    bundle = exported(clinic, newcomer(clinic))

    assert problems(bundle) == ""
    (condition,) = of_type(bundle, "Condition")
    assert condition["code"]["coding"][0]["code"] == "42343007"
    assert {one["code"]["coding"][0]["code"] for one in of_type(bundle, "Observation")} >= {"8480-6", "2823-3"}
    assert len(of_type(bundle, "Provenance")) == 10


def test_an_export_can_be_imported_elsewhere(clinic: Clinic) -> None:
    from clinical_assist.fhir.importing import read_entries
    from clinical_assist.fhir.reading import read_bundle

    imported(clinic, bundles.record())
    text = json.dumps(exported(clinic, newcomer(clinic))).encode()

    mapped = read_entries(read_bundle("export.json", text))

    assert [row.reason for row in mapped.rows if row.outcome == "rejected"] == []
    assert (len(mapped.patients), len(mapped.encounters), len(mapped.items)) == (1, 1, 10)


def test_references_lead_to_entries_of_the_bundle(clinic: Clinic) -> None:
    imported(clinic, bundles.record())

    bundle = exported(clinic, newcomer(clinic))

    addresses = {one["fullUrl"] for one in bundle["entry"]}
    assert {one["subject"]["reference"] for one in of_type(bundle, "Condition")} <= addresses


def test_that_no_allergies_are_known_is_said_and_unknown_is_not(clinic: Clinic) -> None:
    from llmasos.accounts.tenancy import acting_in

    assert of_type(exported(clinic), "AllergyIntolerance") == []
    with acting_in(clinic.organisation):
        clinic.patient.no_known_allergies_on = clinic.patient.birth_date
        clinic.patient.save()

    (said,) = of_type(exported(clinic), "AllergyIntolerance")

    assert said["code"]["coding"][0]["code"] == "716186003"


def test_a_medicine_of_an_unsigned_plan_is_a_draft(clinic: Clinic) -> None:
    from clinical_assist.models import PlanDraft, PlanLine
    from llmasos.accounts.tenancy import acting_in

    owned = {"organisation": clinic.organisation, "patient": clinic.patient}
    content = {"text": "Doxycycline", "medicine": "doxycycline", "dose": 100.0, "unit": "mg", "times_a_day": 2.0}
    with acting_in(clinic.organisation):
        plan = PlanDraft.objects.create(**owned, encounter=clinic.encounter)
        PlanLine.objects.create(**owned, plan=plan, kind="medicine", origin="hand", content=content)

    (order,) = of_type(exported(clinic), "MedicationRequest")

    assert order["status"] == "draft"
    assert order["dosageInstruction"][0]["timing"]["repeat"] == {"frequency": 2, "period": 1, "periodUnit": "d"}


def test_a_signed_note_is_a_composition_and_a_draft_is_not_handed_out(clinic: Clinic) -> None:
    from clinical_assist.models import Note
    from llmasos.accounts.tenancy import acting_in

    owned = {"organisation": clinic.organisation, "patient": clinic.patient, "encounter": clinic.encounter}
    said = {"subjective": [{"key": "a", "drafted": "Cough for <3 days.", "sources": []}]}
    with acting_in(clinic.organisation):
        note = Note.objects.create(**owned, sections=said)
    assert of_type(exported(clinic), "Composition") == []
    with acting_in(clinic.organisation):
        note.state, note.signed_by = "signed", clinic.doctor
        note.save()

    (document,) = of_type(exported(clinic), "Composition")

    assert "Cough for &lt;3 days." in document["section"][0]["text"]["div"]
    assert document["author"] == [{"display": "Doctor"}]


def test_the_bundle_says_who_saw_the_record(clinic: Clinic) -> None:
    from llmasos.audit.services import sequence_entries

    exported(clinic)
    sequence_entries(clinic.id)

    events = of_type(exported(clinic), "AuditEvent")

    assert "clinical.record_exported" in {coding["code"] for one in events for coding in one["subtype"]}


def test_an_export_is_recorded_as_a_disclosure_of_the_patients_data(clinic: Clinic) -> None:
    from llmasos.audit.models import Entry
    from llmasos.audit.scope import log_of

    exported(clinic)

    with log_of(clinic.id):
        entry = Entry.objects.get(action="clinical.record_exported")
    assert (entry.actor_id, entry.subject_id) == (clinic.doctor.pk, clinic.patient.pk)


def test_nobody_outside_the_care_team_exports(clinic: Clinic) -> None:
    from clinical_assist.record.access import NotInCareTeamError

    with pytest.raises(NotInCareTeamError):
        exported(clinic, by=clinic.colleague)


def test_the_command_prints_the_bundle_or_writes_it_and_says_what_it_holds(clinic: Clinic, tmp_path: Any) -> None:
    import io

    from django.core.management import call_command

    out, bundle, said = tmp_path / "record.json", io.StringIO(), io.StringIO()
    who = {"organisation": "shop", "patient": str(clinic.patient.pk)}
    call_command("fhir", "export", **who, stdout=bundle)
    call_command("fhir", "export", **who, out=out, json=True, stdout=said)

    assert json.loads(bundle.getvalue())["resourceType"] == "Bundle"
    assert json.loads(said.getvalue())["Patient"] == 1
    assert json.loads(out.read_text())["entry"]


def test_none_known_is_not_said_beside_an_active_allergy(clinic: Clinic) -> None:
    from clinical_assist.record.items import Allergy
    from llmasos.accounts.tenancy import acting_in

    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))
    with acting_in(clinic.organisation):
        clinic.patient.no_known_allergies_on = clinic.patient.birth_date
        clinic.patient.save()

    (said,) = of_type(exported(clinic), "AllergyIntolerance")

    assert said["code"]["text"] == "Penicillins"


def test_an_order_that_an_allergy_stops_since_it_was_written_is_not_exported(clinic: Clinic) -> None:
    from clinical_assist.plans import services
    from clinical_assist.record.items import Allergy

    services.write(clinic.principal(), clinic.encounter.pk, "medicine", "amoxicillin 500 mg three times a day")
    clinic.item("allergy", Allergy(name="Penicillins", category="medication"))

    assert of_type(exported(clinic), "MedicationRequest") == []
