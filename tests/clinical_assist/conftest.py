"""A small clinic: a patient, the doctor who cares for her, a colleague who does not, and an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.utils import timezone

from tests.tutor.conftest import member, principal_of

if TYPE_CHECKING:
    from django.test import Client

    from clinical_assist.models import Encounter, Patient, RecordItem
    from clinical_assist.record.items import Item
    from llmasos.accounts.models import Organisation, Person
    from llmasos.accounts.principals import Principal


@dataclass(frozen=True)
class Clinic:
    """The cast as rows. The doctor is responsible for the patient; the colleague is outside her care team."""

    organisation: Organisation
    doctor: Person
    colleague: Person
    administrator: Person
    patient: Patient
    encounter: Encounter

    @property
    def id(self) -> UUID:
        return self.organisation.pk

    def principal(self, person: Person | None = None) -> Principal:
        """Return somebody as who acts; the doctor unless another is named."""
        return principal_of(self.organisation, person or self.doctor)

    def item(self, kind: str, item: Item) -> RecordItem:
        """Write something into the patient's record."""
        from clinical_assist.models import RecordItem
        from llmasos.accounts.tenancy import acting_in

        with acting_in(self.organisation):
            return RecordItem.objects.create(
                organisation=self.organisation,
                patient=self.patient,
                kind=kind,
                content=item.content(),
                recorded_by=self.doctor,
            )


@pytest.fixture
def clinic(organisation: Organisation) -> Clinic:
    from clinical_assist.models import CareTeamMember, Encounter, Patient
    from llmasos.accounts.tenancy import acting_in

    doctor, colleague = member(organisation, "doctor", "clinician"), member(organisation, "colleague", "clinician")
    administrator = member(organisation, "manager", "administrator")
    owned = {"organisation": organisation}
    with acting_in(organisation):
        patient = Patient.objects.create(
            **owned,
            family_name="Marsh",
            given_names="Ada Ruth",
            birth_date=date(1958, 4, 2),
            sex="female",
            identifiers=[{"system": "urn:clinic:number", "value": "H-20418"}],
            numbers=["H-20418"],
        )
        CareTeamMember.objects.create(**owned, patient=patient, person=doctor, part="responsible")
        encounter = Encounter.objects.create(**owned, patient=patient, state="open", reason="Cough", clinician=doctor)
    return Clinic(organisation, doctor, colleague, administrator, patient, encounter)


def signed_in(client: Client, person: Person, *, ago: timedelta = timedelta()) -> Client:
    """Sign in as somebody who proved who they are some time ago."""
    client.force_login(person)
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [{"method": "password", "at": (timezone.now() - ago).timestamp()}]
    session.save()
    return client
