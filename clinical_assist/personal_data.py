"""What the clinical assistant holds of a patient, for export, erasure and retention; who cares; emergency access."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinical_assist.models import (
    SUBJECT,
    CareTeamMember,
    Encounter,
    Intake,
    Note,
    Patient,
    PlanDraft,
    RecordItem,
    ShownDifferential,
)
from clinical_assist.record.access import CLINICIANS
from llmasos.audit.types import Ref
from llmasos.privacy.breakglass.registry import cover
from llmasos.privacy.registry import (
    RetentionClass,
    Store,
    SubjectKind,
    register_retention_class,
    register_store,
    register_subject_kind,
)
from llmasos.privacy.relations import register_relation
from llmasos.privacy.subjects import id_of
from llmasos.vault.services import destroy_key

TABLES = (
    "clinical_assist_patient", "clinical_assist_careteammember", "clinical_assist_encounter",
    "clinical_assist_recorditem", "clinical_assist_intake", "clinical_assist_showndifferential",
    "clinical_assist_plandraft", "clinical_assist_planline", "clinical_assist_note", "clinical_assist_noteaddendum",
)  # fmt: skip


def register() -> None:
    """Make patients, their records and the period for them known; called once, in ``AppConfig.ready``."""
    register_subject_kind(SubjectKind(SUBJECT, _("Patient"), exists=_exists))
    register_retention_class(
        RetentionClass(
            "clinical_record",
            _("Records of patients"),
            3_650,
            _("Ten years after the last visit, as most laws on clinical records ask; set what yours asks."),
            minimum_days=365,
        )
    )
    register_store(
        Store(
            name="clinical.record",
            label=_("Patients, their records, plans and notes"),
            purpose=_("To care for patients and keep a record of it"),
            categories=(
                _("Names and numbers"),
                _("Contact"),
                _("Health data"),
                _("Plans and notes"),
                pgettext_lazy("moments", "Times"),
            ),
            legal_basis=_("Health care (GDPR, article 9(2)(h))"),
            protection="encrypted",
            subject_kinds=(SUBJECT,),
            retention_class="clinical_record",
            tables=TABLES,
            erase=_erase,
            export=_export,
            count=lambda organisation_id, subject: _items(organisation_id, subject).count(),
            expire=_expire,
            due=lambda organisation_id, before, held: _old(organisation_id, before, held).count(),
            order=30,
        )
    )
    register_relation(SUBJECT, _("of the care team"), _cared_for)
    cover(SUBJECT, _("Patient"), roles=CLINICIANS, describe=_describe)


def _exists(organisation_id: UUID, patient_id: UUID) -> bool:
    return Patient.objects.for_organisation(organisation_id).filter(pk=patient_id).exists()


def _describe(organisation_id: UUID, patient_id: UUID) -> str | None:
    patient = Patient.objects.for_organisation(organisation_id).filter(pk=patient_id).first()
    return None if patient is None else f"{patient.family_name}, {patient.given_names}".strip(", ")


def _items(organisation_id: UUID, subject: Ref | None) -> QuerySet[RecordItem]:
    rows = RecordItem.objects.for_organisation(organisation_id)
    return rows if subject is None else rows.filter(patient_id__in=rows_of_person(organisation_id, id_of(subject)))


def rows_of_person(organisation_id: UUID, patient_id: UUID) -> list[UUID]:
    """Return all rows of the person of whom the row is: the one that the others were merged into, and those."""
    rows = Patient.objects.for_organisation(organisation_id)
    head = rows.filter(pk=patient_id).values_list("merged_into", flat=True).first() or patient_id
    return list(rows.filter(Q(pk=head) | Q(merged_into=head)).values_list("pk", flat=True))


def _erase(organisation_id: UUID, subject: Ref) -> int:
    """Erase a person: the rows merged with the one that is named go with it, and their keys."""
    gone = rows_of_person(organisation_id, id_of(subject))
    for patient_id in gone:
        if patient_id != subject.id:
            destroy_key(organisation_id=organisation_id, subject_kind=SUBJECT, subject_id=patient_id)
    return _delete(organisation_id, gone)


def _delete(organisation_id: UUID, patient_ids: Sequence[UUID]) -> int:
    return Patient.objects.for_organisation(organisation_id).filter(pk__in=patient_ids).delete()[0]


def _old(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[Patient]:
    """Patients who have not been seen, and of whom nothing was written, since ``before``."""
    seen = Encounter.objects.for_organisation(organisation_id).filter(patient=OuterRef("pk"), starts_at__gte=before)
    written = RecordItem.objects.for_organisation(organisation_id).filter(
        patient=OuterRef("pk"), recorded_at__gte=before
    )
    rows = Patient.objects.for_organisation(organisation_id).filter(~Exists(seen), ~Exists(written))
    return rows.filter(created_at__lt=before).exclude(pk__in=[ref.id for ref in held if ref.kind == SUBJECT])


def _expire(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> int:
    """Remove old records with their keys, so that backups are empty too."""
    gone = list(_old(organisation_id, before, held).values_list("pk", flat=True))
    for patient_id in gone:
        destroy_key(organisation_id=organisation_id, subject_kind=SUBJECT, subject_id=patient_id)
    _delete(organisation_id, gone)
    return len(gone)


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    rows = Patient.objects.for_organisation(organisation_id)
    people = rows.filter(pk__in=rows_of_person(organisation_id, id_of(subject)))
    return [line for patient in people for line in _export_row(organisation_id, patient)]


def _export_row(organisation_id: UUID, patient: Patient) -> list[dict[str, Any]]:
    own = {
        "patient": str(patient.pk),
        "family_name": patient.family_name,
        "given_names": patient.given_names,
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "sex": patient.sex,
        "identifiers": patient.identifiers,
        "contact": patient.contact,
    }
    of = {"patient_id": patient.pk}
    items = [
        {"kind": row.kind, "recorded_at": row.recorded_at.isoformat(), "source": row.source, **row.content}
        for row in RecordItem.objects.for_organisation(organisation_id).filter(**of)
    ]
    encounters = [
        {"encounter": str(row.pk), "state": row.state, "at": row.starts_at.isoformat(), "reason": row.reason}
        for row in Encounter.objects.for_organisation(organisation_id).filter(**of)
    ]
    intakes = [
        {"text": row.text, "findings": row.findings, "own_list": row.own_list, "saved_at": row.saved_at.isoformat()}
        for row in Intake.objects.for_organisation(organisation_id).filter(**of)
    ]
    shown = [
        {"differential": row.content, "shown_at": row.shown_at.isoformat()}
        for row in ShownDifferential.objects.for_organisation(organisation_id).filter(**of)
    ]
    plans = [
        {
            "plan": str(row.pk),
            "state": row.state,
            "conditions": row.planned,
            "lines": [line.content for line in row.lines.all()],
        }
        for row in PlanDraft.objects.for_organisation(organisation_id).filter(**of).prefetch_related("lines")
    ]
    notes = [
        {
            "note": str(row.pk),
            "state": row.state,
            "sections": row.sections,
            "pasted": row.pasted,
            "addenda": [{"text": one.text, "signed_at": one.signed_at.isoformat()} for one in row.addenda.all()],
        }
        for row in Note.objects.for_organisation(organisation_id).filter(**of).prefetch_related("addenda")
    ]
    return [own, *encounters, *items, *intakes, *shown, *plans, *notes]


def _cared_for(organisation_id: UUID, person_id: UUID, patients: frozenset[UUID]) -> frozenset[UUID]:
    """Return those of the patients for whom the person cares or cared, under their own row or a merged one."""
    parts = CareTeamMember.objects.for_organisation(organisation_id).filter(
        Q(patient=OuterRef("pk")) | Q(patient=OuterRef("merged_into")), person_id=person_id
    )
    rows = Patient.objects.for_organisation(organisation_id).filter(Exists(parts), pk__in=patients)
    return frozenset(rows.values_list("pk", flat=True))
