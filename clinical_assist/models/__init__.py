"""What the clinical assistant keeps: the record, what is made in an encounter, and counts of rules."""

from __future__ import annotations

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
    "Note",
    "NoteAddendum",
    "Patient",
    "PlanDraft",
    "PlanLine",
    "RecordItem",
    "RuleFiring",
    "ShownDifferential",
]
