"""Who reaches whose record: the care team, and who holds an emergency grant for the patient."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinical_assist.models import SUBJECT, CareTeamMember, Encounter, Patient
from llmasos.accounts.principals import PROGRAMS, Principal
from llmasos.audit.types import Ref
from llmasos.privacy.breakglass.permissions import PURPOSE, allows

CLINICIANS = ("clinician",)
SCOPE = "clinical"


class NotInCareTeamError(Exception):
    """The patient exists, and the principal is not of the care team: emergency access can be asked."""

    def __init__(self, patient_id: UUID) -> None:
        super().__init__("not of the care team")
        self.patient_id = patient_id


def is_clinician(principal: Principal) -> bool:
    """Whether the principal works with patients at all."""
    return principal.kind == "person" and principal.id is not None and principal.has_role(*CLINICIANS)


def subject(patient_id: UUID) -> Ref:
    """Return the patient as the log names it."""
    return Ref(SUBJECT, patient_id)


def patients_of(principal: Principal) -> QuerySet[Patient]:
    """Return the patients for whom the principal cares; the system and keys with the scope "clinical" reach all.

    Rows that were merged into another are among them: their record is the other's.
    """
    patients = Patient.objects.for_organisation(principal.organisation_id)
    if principal.kind == "system" or (principal.kind in PROGRAMS and SCOPE in principal.scopes):
        return patients
    if principal.id is None or not is_clinician(principal):
        return patients.none()
    parts = CareTeamMember.objects.for_organisation(principal.organisation_id).filter(
        Q(patient=OuterRef("pk")) | Q(patient__merged=OuterRef("pk")) | Q(patient=OuterRef("merged_into")),
        person_id=principal.id,
        until=None,
    )
    return patients.filter(Exists(parts))


def patient_for(principal: Principal, patient_id: UUID) -> tuple[Patient, str]:
    """Return the patient whose record this is (the one it was merged into), and the purpose to record reads under.

    The purpose is empty for the care team and names the emergency where a grant gives access.

    Raises:
        Patient.DoesNotExist: there is none that the principal may know of.
        NotInCareTeamError: a clinician outside the care team, who can ask for emergency access.
    """
    own = patients_of(principal)
    known = Patient.objects.for_organisation(principal.organisation_id) if is_clinician(principal) else own
    patient = known.select_related("merged_into").get(pk=patient_id)
    patient = patient.merged_into or patient
    if own.filter(pk=patient.pk).exists():
        return patient, ""
    if allows(principal, subject(patient.pk)):
        return patient, PURPOSE
    raise NotInCareTeamError(patient.pk)


def encounter_for(principal: Principal, encounter_id: UUID) -> tuple[Encounter, Patient, str]:
    """Return an encounter with the patient whose record it belongs to, and the purpose to record reads under.

    Raises:
        Encounter.DoesNotExist: there is none that the principal may know of.
        NotInCareTeamError: as :func:`patient_for`.
    """
    encounter = Encounter.objects.for_organisation(principal.organisation_id).get(pk=encounter_id)
    try:
        patient, purpose = patient_for(principal, encounter.patient_id)
    except Patient.DoesNotExist:
        raise Encounter.DoesNotExist from None
    return encounter, patient, purpose


def lock_record(patient: Patient) -> Patient:
    """Lock the row whose record this is until the transaction ends, and return it as it is then.

    Who writes into a record, or decides by all of it, waits here for others who do. Raises Patient.DoesNotExist.
    """
    rows = Patient.objects.for_organisation(patient.organisation_id).select_for_update(no_key=True)
    return rows.get(pk=patient.pk)


def lock_records(organisation_id: UUID, patient_ids: Iterable[UUID]) -> None:
    """Lock many rows as ``lock_record`` does one, in an order in which nobody waits for another for ever."""
    rows = Patient.objects.for_organisation(organisation_id).select_for_update(no_key=True)
    list(rows.filter(pk__in=set(patient_ids)).order_by("pk").values_list("pk"))


def rows_of(patient: Patient) -> list[UUID]:
    """Return the ids of the rows whose items make up the patient's record: its own and those merged into it."""
    merged = Patient.objects.for_organisation(patient.organisation_id).filter(merged_into=patient)
    return [patient.pk, *merged.values_list("pk", flat=True)]
