"""What is written into a record, by whom, and what remains of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clinical_assist.models import CareTeamMember, Encounter, Patient, RecordItem
from clinical_assist.record.access import NotInCareTeamError, patient_for, subject
from clinical_assist.record.errors import ChangedMeanwhileError, RecordError
from clinical_assist.record.items import Allergy, Medication, Problem
from clinical_assist.record.queries import summary
from clinical_assist.record.services import encounters, items, merging, patients, team
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.privacy.registry import stores

if TYPE_CHECKING:
    from clinical_assist.record.types import Summary
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
BORN = date(1958, 4, 2)


def read(clinic: Clinic) -> Summary:
    with acting_in(clinic.id):
        return summary(clinic.principal(), clinic.patient)


def known(clinic: Clinic) -> str:
    with acting_in(clinic.id):
        return summary(clinic.principal(), clinic.patient).allergies_known


def last(clinic: Clinic, action: str) -> Entry:
    with acting_in(clinic.id):
        return Entry.objects.filter(organisation_id=clinic.id, action=action).latest("recorded_at")


def another(clinic: Clinic, name: str = "Marsh") -> Patient:
    return patients.add_patient(clinic.principal(), patients.Demographics(family_name=name, birth_date=BORN))


def test_who_adds_a_patient_is_responsible_and_the_name_is_not_in_the_log(clinic: Clinic) -> None:
    patient = another(clinic, "Lindqvist")
    with acting_in(clinic.id):
        (part,) = CareTeamMember.objects.for_organisation(clinic.id).filter(patient=patient)
    assert (part.person, part.part) == (clinic.doctor, "responsible")
    entry = last(clinic, "clinical.patient_added")
    assert entry.subject_id == patient.pk
    assert "Lindqvist" not in str(entry.digests)


def test_an_administrator_adds_no_patient(clinic: Clinic) -> None:
    with pytest.raises(PermissionDenied):
        patients.add_patient(clinic.principal(clinic.administrator), patients.Demographics(family_name="Marsh"))


@pytest.mark.parametrize(
    "who",
    [
        patients.Demographics(family_name="marsh", birth_date=BORN),
        patients.Demographics(family_name="Other", number="h-20418"),
    ],
)
def test_a_likely_double_is_found_by_number_or_by_name_and_birth_date(
    clinic: Clinic, who: patients.Demographics
) -> None:
    with acting_in(clinic.id):
        assert patients.alike(clinic.id, who) == [clinic.patient]


def test_another_birth_date_is_another_person(clinic: Clinic) -> None:
    with acting_in(clinic.id):
        who = patients.Demographics(family_name="Marsh", birth_date=date(1960, 4, 2))
        assert patients.alike(clinic.id, who) == []


def test_a_correction_over_another_is_refused(clinic: Clinic) -> None:
    who = patients.Demographics(family_name="Marsch", birth_date=BORN, number="H-20418")
    patients.correct_patient(clinic.principal(), clinic.patient.pk, who, revision=1)
    with pytest.raises(ChangedMeanwhileError):
        patients.correct_patient(clinic.principal(), clinic.patient.pk, who, revision=1)


def test_a_correction_keeps_numbers_of_other_systems(clinic: Clinic) -> None:
    with acting_in(clinic.id):
        clinic.patient.identifiers = [{"system": "urn:insurer", "value": "X1"}]
        clinic.patient.save()
    who = patients.Demographics(family_name="Marsh", number="H-7")
    corrected = patients.correct_patient(clinic.principal(), clinic.patient.pk, who, revision=1)
    assert corrected.numbers == ["H-7", "X1"]


def test_an_item_that_is_corrected_is_replaced_and_kept(clinic: Clinic) -> None:
    old = clinic.item("problem", Problem(name="Hypertention"))
    new = items.correct_item(clinic.principal(), old.pk, Problem(name="Hypertension"))
    assert [one.item.name for one in read(clinic).problems] == ["Hypertension"]
    assert new.replaces == old
    with acting_in(clinic.id):
        assert RecordItem.objects.for_organisation(clinic.id).get(pk=old.pk).content["name"] == "Hypertention"


def test_an_item_is_corrected_once(clinic: Clinic) -> None:
    old = clinic.item("problem", Problem(name="Hypertention"))
    items.correct_item(clinic.principal(), old.pk, Problem(name="Hypertension"))
    with pytest.raises(ChangedMeanwhileError):
        items.correct_item(clinic.principal(), old.pk, Problem(name="Hypotension"))


def test_a_medicine_that_ends_is_stopped_today(clinic: Clinic) -> None:
    old = clinic.item("medication", Medication(name="Lisinopril"))
    items.end_item(clinic.principal(), old.pk)
    (entry,) = read(clinic).medications
    assert (entry.item.status, entry.item.ended) == ("stopped", timezone.localdate().isoformat())


def test_what_was_entered_in_error_is_not_read_and_can_be_taken_back(clinic: Clinic) -> None:
    row = clinic.item("problem", Problem(name="Asthma"))
    items.set_in_error(clinic.principal(), row.pk, in_error=True, reason="Another patient")
    assert read(clinic).problems == ()
    items.set_in_error(clinic.principal(), row.pk, in_error=False, reason="It was this patient")
    assert [one.item.name for one in read(clinic).problems] == ["Asthma"]
    assert "Another patient" not in str(last(clinic, "clinical.item_in_error").digests)


def test_none_known_is_said_by_somebody_on_a_day_and_ends_with_an_allergy(clinic: Clinic) -> None:
    patients.say_no_known_allergies(clinic.principal(), clinic.patient.pk)
    assert known(clinic) == "none"
    with acting_in(clinic.id):
        assert Patient.objects.for_organisation(clinic.id).get().no_known_allergies_by == clinic.doctor
    (row,) = items.write_items(clinic.principal(), clinic.patient.pk, [("allergy", Allergy(name="Latex"))])
    assert known(clinic) == "some"
    items.set_in_error(clinic.principal(), row.pk, in_error=True, reason="Another patient")
    assert known(clinic) == "unknown"


def test_none_known_that_was_said_by_mistake_is_taken_back(clinic: Clinic) -> None:
    patients.say_no_known_allergies(clinic.principal(), clinic.patient.pk)
    patients.take_back_no_known_allergies(clinic.principal(), clinic.patient.pk)
    assert known(clinic) == "unknown"
    assert last(clinic, "clinical.no_allergies_taken_back").subject_id == clinic.patient.pk
    with pytest.raises(RecordError):
        patients.take_back_no_known_allergies(clinic.principal(), clinic.patient.pk)


def test_none_known_is_refused_while_an_allergy_is_active(clinic: Clinic) -> None:
    clinic.item("allergy", Allergy(name="Latex"))
    with pytest.raises(RecordError):
        patients.say_no_known_allergies(clinic.principal(), clinic.patient.pk)


def test_a_colleague_outside_writes_nothing(clinic: Clinic) -> None:
    with pytest.raises(NotInCareTeamError):
        items.write_items(clinic.principal(clinic.colleague), clinic.patient.pk, [("problem", Problem(name="Asthma"))])
    assert read(clinic).problems == ()


def test_a_visit_goes_from_planned_to_finished(clinic: Clinic) -> None:
    visit = encounters.plan_encounter(
        clinic.principal(), clinic.patient.pk, starts_at=timezone.now() + timedelta(hours=1), reason="Review"
    )
    encounters.set_state(clinic.principal(), visit.pk, "open")
    assert encounters.set_state(clinic.principal(), visit.pk, "closed").ended_at is not None
    with pytest.raises(RecordError):
        encounters.set_state(clinic.principal(), visit.pk, "cancelled")


def test_a_visit_with_a_colleague_makes_them_part_of_the_care_team(clinic: Clinic) -> None:
    encounters.plan_encounter(
        clinic.principal(),
        clinic.patient.pk,
        starts_at=timezone.now(),
        reason="Second look",
        clinician_id=clinic.colleague.pk,
    )
    with acting_in(clinic.id):
        assert patient_for(clinic.principal(clinic.colleague), clinic.patient.pk) == (clinic.patient, "")


def test_the_last_of_a_care_team_cannot_leave(clinic: Clinic) -> None:
    with pytest.raises(RecordError):
        team.leave(clinic.principal(), clinic.patient.pk, clinic.doctor.pk)
    team.add_member(clinic.principal(), clinic.patient.pk, clinic.colleague.pk, "treating")
    team.leave(clinic.principal(), clinic.patient.pk, clinic.doctor.pk)
    with acting_in(clinic.id), pytest.raises(NotInCareTeamError):
        patient_for(clinic.principal(), clinic.patient.pk)


def test_a_care_team_takes_clinicians_only(clinic: Clinic) -> None:
    with pytest.raises(RecordError):
        team.add_member(clinic.principal(), clinic.patient.pk, clinic.administrator.pk, "treating")


def test_only_a_patient_without_a_care_team_is_taken_over(clinic: Clinic) -> None:
    with pytest.raises(RecordError):
        team.take_over(clinic.principal(clinic.colleague), clinic.patient.pk)
    with acting_in(clinic.id):
        CareTeamMember.objects.for_organisation(clinic.id).update(until=timezone.now())
    assert team.take_over(clinic.principal(clinic.colleague), clinic.patient.pk).part == "responsible"


def test_merged_records_are_read_as_one_and_apart_again_when_unmerged(clinic: Clinic) -> None:
    double = another(clinic)
    items.write_items(clinic.principal(), double.pk, [("problem", Problem(name="Asthma"))])
    merging.merge(clinic.principal(), clinic.patient.pk, double.pk)
    (entry,) = read(clinic).problems
    items.correct_item(clinic.principal(), entry.id, Problem(name="Allergic asthma"))
    merging.unmerge(clinic.principal(), double.pk)
    assert read(clinic).problems == ()
    with acting_in(clinic.id):
        assert [one.item.name for one in summary(clinic.principal(), double).problems] == ["Allergic asthma"]


def test_a_merge_is_recorded_for_both(clinic: Clinic) -> None:
    double = another(clinic)
    merging.merge(clinic.principal(), clinic.patient.pk, double.pk)
    with acting_in(clinic.id):
        found = Entry.objects.filter(organisation_id=clinic.id, action="clinical.patients_merged")
        assert {one.subject_id for one in found} == {clinic.patient.pk, double.pk}


def test_a_row_with_others_in_it_is_not_merged_away(clinic: Clinic) -> None:
    first, second = another(clinic), another(clinic)
    merging.merge(clinic.principal(), first.pk, second.pk)
    with pytest.raises(RecordError):
        merging.merge(clinic.principal(), clinic.patient.pk, first.pk)


def test_encounters_of_a_merged_row_belong_to_the_record(clinic: Clinic) -> None:
    double = another(clinic)
    visit = encounters.start_encounter(clinic.principal(), double.pk, reason="Cough")
    merging.merge(clinic.principal(), clinic.patient.pk, double.pk)
    with acting_in(clinic.id):
        assert Encounter.objects.for_organisation(clinic.id).get(pk=visit.pk).patient == double
    items.write_items(
        clinic.principal(), clinic.patient.pk, [("problem", Problem(name="Cough"))], encounter_id=visit.pk
    )


def test_erasing_a_person_takes_the_rows_merged_with_theirs_and_export_has_both(clinic: Clinic) -> None:
    double = another(clinic)
    items.write_items(clinic.principal(), double.pk, [("problem", Problem(name="Asthma"))])
    merging.merge(clinic.principal(), clinic.patient.pk, double.pk)
    store = stores()["clinical.record"]
    with acting_in(clinic.id):
        assert store.export is not None
        assert "Asthma" in str(store.export(clinic.id, subject(clinic.patient.pk)))
        assert store.erase is not None
        store.erase(clinic.id, subject(double.pk))
        assert not Patient.objects.for_organisation(clinic.id).exists()
