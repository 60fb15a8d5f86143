from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.clinical_assist.fhir import bundles

if TYPE_CHECKING:
    from clinical_assist.fhir.report import Report
    from clinical_assist.models import Patient
    from clinical_assist.record.items import Item
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db


def imported(clinic: Clinic, *contents: bytes, by: Any = None) -> Report:
    from clinical_assist.fhir.jobs import import_now

    files = [(f"file{number}.json", content) for number, content in enumerate(contents, start=1)]
    return import_now(clinic.principal(by), files, clinician=by or clinic.doctor)


def newcomer(clinic: Clinic) -> Patient:
    from clinical_assist.models import Patient
    from llmasos.accounts.tenancy import acting_in

    with acting_in(clinic.organisation):
        found = Patient.objects.for_organisation(clinic.id).exclude(pk=clinic.patient.pk).get()
        # Sealed fields open on reading, and only in here.
        _opened = (found.family_name, found.given_names, found.birth_date, found.no_known_allergies_on)
        return found


def items(clinic: Clinic, kind: str) -> list[Item]:
    from clinical_assist.models import RecordItem
    from clinical_assist.record.items import item_of
    from llmasos.accounts.tenancy import acting_in

    with acting_in(clinic.organisation):
        rows = RecordItem.objects.for_organisation(clinic.id).filter(kind=kind, superseded_at=None)
        return [item_of(row) for row in rows.filter(entered_in_error=False).order_by("recorded_at", "pk")]


def test_a_whole_record_is_imported_and_what_is_not_held_is_counted(clinic: Clinic) -> None:
    counts = imported(clinic, bundles.record()).counts()

    assert counts == {
        "files": 1, "created": 11, "updated": 0, "unchanged": 0, "skipped": 1, "rejected": 0,
        "skipped_by_type": {"CarePlan": 1},
    }  # fmt: skip
    patient = newcomer(clinic)
    assert (patient.family_name, patient.given_names, str(patient.birth_date)) == ("Osei", "Kwame Kofi", "1971-09-30")


def test_importing_again_changes_nothing(clinic: Clinic) -> None:
    imported(clinic, bundles.record())

    again = imported(clinic, bundles.record()).counts()

    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 11)
    assert len(items(clinic, "vital")) == 2


def test_whoever_imports_becomes_responsible(clinic: Clinic) -> None:
    from clinical_assist.record.access import patients_of
    from llmasos.accounts.tenancy import acting_in

    imported(clinic, bundles.bundle(bundles.patient()), by=clinic.colleague)

    with acting_in(clinic.organisation):
        assert patients_of(clinic.principal(clinic.colleague)).get() == newcomer(clinic)


def test_a_pressure_becomes_two_values_under_our_names_with_their_units(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient(), bundles.visit(), bundles.pressure()))

    found = {one.measure: (one.value, one.unit) for one in items(clinic, "vital")}  # type: ignore[attr-defined]

    assert found == {"systolic": (152.0, "mm[Hg]"), "diastolic": (94.0, "mm[Hg]")}


def test_a_laboratory_result_keeps_its_reference_range(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient(), bundles.potassium()))

    (found,) = items(clinic, "laboratory")

    assert (found.measure, found.low, found.high, found.on) == ("potassium", 3.5, 5.1, "2026-03-01")  # type: ignore[attr-defined]


def test_a_changed_value_replaces_the_old_one(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient(), bundles.visit(), bundles.pressure()))

    report = imported(clinic, bundles.bundle(bundles.patient(), bundles.visit(), bundles.pressure(systolic=148)))

    assert report.counts()["updated"] == 1
    assert {one.value for one in items(clinic, "vital")} == {148.0, 94.0}  # type: ignore[attr-defined]


def test_what_its_source_takes_back_is_marked_as_entered_in_error(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient(), bundles.visit(), bundles.pressure()))

    imported(clinic, bundles.bundle(bundles.patient(), bundles.visit(), bundles.pressure(status="entered-in-error")))

    assert items(clinic, "vital") == []


def test_the_code_for_no_known_allergy_is_kept_as_that_and_as_no_allergy(clinic: Clinic) -> None:
    none = bundles.allergy(code=bundles.snomed("716186003", "No known allergy"))

    imported(clinic, bundles.bundle(bundles.patient(), none))

    assert str(newcomer(clinic).no_known_allergies_on) == "2019-05-04"
    assert items(clinic, "allergy") == []


def test_medicines_and_allergens_are_known_to_the_checks_where_their_names_are_sure(clinic: Clinic) -> None:
    combined = bundles.medication(30, "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet")
    unsure = bundles.medication(31, "Metformine 500 MG Oral Tablet")

    imported(clinic, bundles.bundle(bundles.patient(), bundles.medication(), combined, unsure, bundles.allergy()))

    known = {one.name: one.medicine for one in items(clinic, "medication")}  # type: ignore[attr-defined]
    assert known == {
        "Furosemide 40 MG Oral Tablet": "furosemide",
        "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet": "amoxicillin-clavulanate",
        "Metformine 500 MG Oral Tablet": "",
    }
    assert [one.medicine for one in items(clinic, "allergy")] == ["penicillin"]  # type: ignore[attr-defined]


def test_a_dose_and_its_frequency_are_read_where_they_are_said(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient(), bundles.medication()))

    (found,) = items(clinic, "medication")

    assert (found.dose, found.unit, found.times_a_day) == (40.0, "mg", 1.0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("inside", [True, False])
def test_a_medicine_is_found_where_it_is_contained_or_referred_to(clinic: Clinic, inside: bool) -> None:
    drug = {"resourceType": "Medication", "id": "drug", "code": {"text": "Digoxin"}}
    order = bundles.medication()
    del order["medicationCodeableConcept"]
    order["medicationReference"] = {"reference": "#drug" if inside else "urn:uuid:drug"}
    if inside:
        order["contained"] = [drug]

    imported(clinic, bundles.bundle(bundles.patient(), order, *([] if inside else [drug])))

    assert [one.name for one in items(clinic, "medication")] == ["Digoxin"]


def test_a_bad_entry_is_named_and_stops_none_of_the_others(clinic: Clinic) -> None:
    wrong = bundles.potassium() | {"valueQuantity": {"value": "many"}}

    report = imported(clinic, bundles.bundle(bundles.patient(), wrong, bundles.condition()))

    (row,) = report.told()
    assert (row["entry"], row["type"], row["outcome"]) == (2, "Observation", "rejected")
    assert row["reason"].startswith("valueQuantity.value:")
    assert "many" not in row["reason"]
    assert report.counts()["created"] == 2


def test_a_file_that_is_no_bundle_is_one_sentence_and_the_others_are_imported(clinic: Clinic) -> None:
    report = imported(clinic, b"{broken", bundles.bundle(bundles.patient()))

    assert [row["reason"] for row in report.told()] == [
        "file1.json is no JSON file: export the record as a FHIR R4 bundle."
    ]
    assert report.counts()["created"] == 1


def test_a_type_that_no_resource_has_is_rejected_and_stops_nothing(clinic: Clinic) -> None:
    report = imported(clinic, bundles.bundle(bundles.patient(), {"resourceType": "Care\0Plan", "id": "x"}))

    assert (report.counts()["created"], report.counts()["rejected"]) == (1, 1)


def test_an_item_without_its_patient_is_rejected(clinic: Clinic) -> None:
    report = imported(clinic, bundles.bundle(bundles.condition()))

    assert report.counts()["rejected"] == 1


def test_a_later_file_may_hold_only_what_is_new(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient()))

    assert imported(clinic, bundles.bundle(bundles.condition())).counts()["created"] == 1


def test_another_person_under_the_same_id_is_not_written_into_the_record(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient()))
    stranger = bundles.patient(birthDate="2001-01-01", identifier=[{"value": "Z-1"}], name=[{"family": "Other"}])

    report = imported(clinic, bundles.bundle(stranger, bundles.condition()))

    assert report.counts()["rejected"] == 2
    assert newcomer(clinic).family_name == "Osei"


def test_a_clinician_outside_the_care_team_imports_nothing_into_a_known_record(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient()))

    report = imported(clinic, bundles.bundle(bundles.patient(), bundles.condition()), by=clinic.colleague)

    assert report.counts()["rejected"] == 2


def test_an_import_is_recorded_for_the_patient_without_a_word(clinic: Clinic) -> None:
    from llmasos.audit.models import Entry
    from llmasos.audit.scope import log_of

    imported(clinic, bundles.record())

    with log_of(clinic.id):
        entry = Entry.objects.get(action="clinical.imported")
    assert (entry.subject_kind, entry.subject_id, entry.digests) == ("patient", newcomer(clinic).pk, {"created": 11})


def test_the_command_prints_the_counts_and_writes_a_line_for_every_entry(clinic: Clinic, tmp_path: Any) -> None:
    import io
    import json

    from django.core.management import call_command

    file, out, said = tmp_path / "record.json", tmp_path / "rows.jsonl", io.StringIO()
    file.write_bytes(bundles.record())

    call_command(
        "fhir", "import", str(file), organisation="shop", clinician=clinic.doctor.email, out=out, json=True, stdout=said
    )

    assert json.loads(said.getvalue())["created"] == 11
    assert len(out.read_text().splitlines()) == 12


def test_an_id_that_another_patients_visit_or_value_has_here_moves_nothing(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient(), bundles.visit(), bundles.pressure()))
    other = "00000000-0000-4000-8000-000000000099"
    whose = {"subject": {"reference": f"urn:uuid:{other}"}}
    stranger = bundles.patient(id=other, birthDate="2001-01-01", identifier=[{"value": "Z-1"}])

    report = imported(clinic, bundles.bundle(stranger, bundles.visit(**whose), {**bundles.pressure(), **whose}))

    assert (report.counts()["created"], report.counts()["rejected"]) == (1, 2)
    assert {one.value for one in items(clinic, "vital")} == {152.0, 94.0}  # type: ignore[attr-defined]


def none_known(**changed: Any) -> dict[str, Any]:
    return {**bundles.allergy(25, code=bundles.snomed("716186003", "No known allergy")), **changed}


def test_an_active_allergy_of_a_file_ends_none_known(clinic: Clinic) -> None:
    imported(clinic, bundles.bundle(bundles.patient(), none_known()))

    imported(clinic, bundles.bundle(bundles.patient(), bundles.allergy()))

    assert newcomer(clinic).no_known_allergies_on is None


@pytest.mark.parametrize(
    "gone",
    [
        {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}, "clinicalStatus": None},
        {"clinicalStatus": {"coding": [{"code": "inactive"}]}},
    ],
)
def test_its_source_takes_none_known_back_and_nobody_elses(clinic: Clinic, gone: dict[str, Any]) -> None:
    imported(clinic, bundles.bundle(bundles.patient(), none_known()))
    taken_back = {name: value for name, value in none_known(**gone).items() if value is not None}

    imported(clinic, bundles.bundle({**taken_back, "id": "00000000-0000-4000-8000-000000000077"}))
    assert newcomer(clinic).no_known_allergies_on is not None
    imported(clinic, bundles.bundle(taken_back))
    assert newcomer(clinic).no_known_allergies_on is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"clinicalStatus": {"coding": [{"code": "inactive"}]}}, "None"),
        ({"recordedDate": "2015"}, "2015-01-01"),
    ],
)  # fmt: skip
def test_none_known_holds_only_while_and_since_its_source_says_so(
    clinic: Clinic, changed: dict[str, Any], said: str
) -> None:
    imported(clinic, bundles.bundle(bundles.patient(), none_known(**changed)))

    assert str(newcomer(clinic).no_known_allergies_on) == said


def test_a_bulk_export_is_read_line_by_line_with_people_first(clinic: Clinic) -> None:
    from clinical_assist.fhir.jobs import import_now

    whose = {"reference": f"Patient/{bundles.patient()['id']}"}
    conditions = [bundles.condition(number) | {"subject": whose} for number in (31, 32)]
    files = [
        ("Condition.ndjson", b"\n".join([*(json.dumps(one).encode() for one in conditions), b"{broken"])),
        ("Patient.ndjson", json.dumps(bundles.patient()).encode()),
    ]

    report = import_now(clinic.principal(), files, clinician=clinic.doctor)

    assert (report.counts()["created"], [row["entry"] for row in report.told()]) == (3, [3])


def test_the_same_entry_twice_is_left_out_and_another_of_its_id_is_rejected(clinic: Clinic) -> None:
    other = bundles.condition() | {"onsetDateTime": "2020"}

    report = imported(clinic, bundles.bundle(bundles.patient(), bundles.condition(), bundles.condition(), other))

    assert [row["outcome"] for row in report.told()] == ["skipped", "rejected"]


def test_the_ingredients_of_a_product_are_known_in_either_order(clinic: Clinic) -> None:
    name = "Acetaminophen 325 MG / Hydrocodone Bitartrate 7.5 MG Oral Tablet"

    imported(clinic, bundles.bundle(bundles.patient(), bundles.medication(name=name)))

    assert [one.medicine for one in items(clinic, "medication")] == ["hydrocodone-paracetamol"]  # type: ignore[union-attr]
