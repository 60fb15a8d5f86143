"""Taking an import back as a whole, while nothing stands on it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clinical_assist.fhir.errors import FhirError
from clinical_assist.fhir.jobs import State, imports
from clinical_assist.models import (
    SUBJECT,
    CareTeamMember,
    Encounter,
    FhirImport,
    Intake,
    Note,
    Patient,
    PlanDraft,
    RecordItem,
    ShownDifferential,
)
from clinical_assist.record.access import lock_records, patients_of, subject
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.vault.services import destroy_key


def why_not(principal: Principal, job: FhirImport) -> str:
    """Return why an import cannot be taken back, for people: what stands on it, or who else cares; "" where it can."""
    if job.state != State.DONE:
        return _("It is not finished.")
    of = {"organisation_id": job.organisation_id}
    items, visits, patients = _made(job)
    touched = _touched(items, patients)
    if patients_of(principal).filter(pk__in=touched).count() != len(touched):
        return _("You are not of the care team of everybody who is in it: ask to be taken into it first.")
    if RecordItem.objects.filter(**of, replaces__in=items).exclude(imported_in=job).exists():
        return _("Some of it was corrected since.")
    if items.filter(entered_in_error=True).exists():
        return _("Some of it was marked as entered in error since.")
    if any(model.objects.filter(**of, encounter__in=visits).exists() for model in (Intake, Note, PlanDraft)):
        return _("Somebody works in an encounter that came with it.")
    if _written_since(job, items):
        return _("A note, a plan or a differential was made since for a patient who is in it, and may stand on it.")
    others = Q(patient__in=patients) & ~Q(imported_in=job)
    if RecordItem.objects.filter(others, **of).exists() or Encounter.objects.filter(others, **of).exists():
        return _("Something was added to a record that came with it.")
    if ShownDifferential.objects.filter(**of, patient__in=patients).exists():
        return _("A differential was shown for a patient who came with it.")
    if patients.filter(Q(merged_into__isnull=False) | Q(merged__isnull=False)).exists():
        return _("A patient who came with it was merged.")
    team = CareTeamMember.objects.filter(**of, patient__in=patients)
    if job.clinician_id is not None:
        team = team.exclude(person_id=job.clinician_id)
    return _("Somebody else cares for a patient who came with it.") if team.exists() else ""


def undo(principal: Principal, import_id: UUID) -> None:
    """Remove what an import made, new patients with their keys, and put back what it replaced.

    What it changed of patients who were here already (name, contact) stays as it is: the old words were not kept.

    Raises:
        FhirImport.DoesNotExist, PermissionDenied: it is not the principal's.
        FhirError: something stands on it, or somebody in it is not the principal's patient; the message says what.
    """
    with acting_in(principal.organisation_id):
        job = imports(principal).select_for_update().get(pk=import_id)
        items, visits, patients = _made(job)
        touched = _touched(items, patients)
        lock_records(principal.organisation_id, touched)
        if reason := why_not(principal, job):
            raise FhirError(reason)
        replaced = list(items.exclude(replaces=None).values_list("replaces_id", flat=True))
        items.delete()
        RecordItem.objects.for_organisation(job.organisation_id).filter(pk__in=replaced).update(superseded_at=None)
        visits.delete()
        for patient_id in patients.values_list("pk", flat=True):
            destroy_key(organisation_id=job.organisation_id, subject_kind=SUBJECT, subject_id=patient_id)
        patients.delete()
        job.state, job.report = State.UNDONE, []
        job.save(update_fields=["state", "report"])
        for patient_id in sorted(touched):
            record(
                organisation_id=principal.organisation_id,
                actor=principal.actor,
                action="clinical.import_undone",
                subject=subject(patient_id),
                object=Ref("fhir_import", job.pk),
            )


def _touched(items: QuerySet[RecordItem], patients: QuerySet[Patient]) -> set[UUID]:
    return {*items.values_list("patient_id", flat=True), *patients.values_list("pk", flat=True)}


def _written_since(job: FhirImport, items: QuerySet[RecordItem]) -> bool:
    """Whether something that names items as its sources was made since for one of the patients."""
    of = {"organisation_id": job.organisation_id, "patient__in": items.values("patient")}
    since = job.created_at
    return (
        Note.objects.filter(**of, saved_at__gte=since).exists()
        or PlanDraft.objects.filter(Q(created_at__gte=since) | Q(signed_at__gte=since), **of).exists()
        or ShownDifferential.objects.filter(**of, shown_at__gte=since).exists()
    )


def _made(job: FhirImport) -> tuple[QuerySet[RecordItem], QuerySet[Encounter], QuerySet[Patient]]:
    return (
        RecordItem.objects.for_organisation(job.organisation_id).filter(imported_in=job),
        Encounter.objects.for_organisation(job.organisation_id).filter(imported_in=job),
        Patient.objects.for_organisation(job.organisation_id).filter(imported_in=job),
    )
