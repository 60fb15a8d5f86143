"""What the clinical assistant keeps: the record, what is made in an encounter, counts of rules, and governance."""

from __future__ import annotations

from clinical_assist.models.governance import MedicalLead, StopSwitch
from clinical_assist.models.record import SUBJECT, CareTeamMember, Encounter, Patient, RecordItem
from clinical_assist.models.rules import RuleFiring
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
    "Intake",
    "MedicalLead",
    "Note",
    "NoteAddendum",
    "Patient",
    "PlanDraft",
    "PlanLine",
    "RecordItem",
    "RuleFiring",
    "ShownDifferential",
    "StopSwitch",
]
