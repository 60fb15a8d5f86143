"""What the clinical assistant keeps: the record, what is made in an encounter, rules, governance, other systems."""

from __future__ import annotations

from clinical_assist.models.governance import (
    Feedback,
    KnowledgeVersion,
    MedicalLead,
    ReaderSetting,
    ReferenceCollection,
    StopSwitch,
)
from clinical_assist.models.interchange import FhirClient, FhirImport, FhirToken, HookCaller, HookCard
from clinical_assist.models.record import SUBJECT, CareTeamMember, Encounter, Patient, RecordItem
from clinical_assist.models.rules import RuleFiring, RuleReview
from clinical_assist.models.workspace import (
    Intake,
    Note,
    NoteAddendum,
    PlanDraft,
    PlanLine,
    ShownDifferential,
)

__all__ = [
    "SUBJECT",
    "CareTeamMember",
    "Encounter",
    "Feedback",
    "FhirClient",
    "FhirImport",
    "FhirToken",
    "HookCaller",
    "HookCard",
    "Intake",
    "KnowledgeVersion",
    "MedicalLead",
    "Note",
    "NoteAddendum",
    "Patient",
    "PlanDraft",
    "PlanLine",
    "ReaderSetting",
    "RecordItem",
    "ReferenceCollection",
    "RuleFiring",
    "RuleReview",
    "ShownDifferential",
    "StopSwitch",
]
