"""Who reaches whose record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clinical_assist.models import CareTeamMember, Patient
from clinical_assist.record.access import NotInCareTeamError, patient_for, patients_of, rows_of
from llmasos.accounts.tenancy import acting_in

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db


def test_the_care_team_reaches_the_record(clinic: Clinic) -> None:
    with acting_in(clinic.id):
        assert patient_for(clinic.principal(), clinic.patient.pk) == (clinic.patient, "")


def test_a_clinician_outside_the_care_team_is_told_to_ask(clinic: Clinic) -> None:
    with acting_in(clinic.id), pytest.raises(NotInCareTeamError):
        patient_for(clinic.principal(clinic.colleague), clinic.patient.pk)


def test_an_administrator_knows_of_no_patient(clinic: Clinic) -> None:
    with acting_in(clinic.id), pytest.raises(Patient.DoesNotExist):
        patient_for(clinic.principal(clinic.administrator), clinic.patient.pk)


def test_who_left_the_care_team_reaches_nobody(clinic: Clinic) -> None:
    with acting_in(clinic.id):
        member = CareTeamMember.objects.for_organisation(clinic.id).get()
        member.until = member.since
        member.save()
        assert not patients_of(clinic.principal()).exists()


def test_the_record_of_a_merged_patient_is_the_others(clinic: Clinic) -> None:
    with acting_in(clinic.id):
        double = Patient.objects.create(
            organisation=clinic.organisation, family_name="Marsh", merged_into=clinic.patient
        )
        patient, _purpose = patient_for(clinic.principal(), double.pk)
        assert patient == clinic.patient
        assert rows_of(patient) == [clinic.patient.pk, double.pk]
