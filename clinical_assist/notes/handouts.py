"""What leaves on paper beside the note: a prescription draft, and words for the patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clinical_assist.medicines.ordering import spelled_out
from clinical_assist.models import Encounter, Patient, PlanDraft, PlanLine
from clinical_assist.notes import saying
from clinical_assist.plans.queries import draft_of
from clinical_assist.record.queries import entries_of, summarised


@dataclass(frozen=True, slots=True)
class Ordered:
    """A medicine of the plan: what it is and how to take it, for how many days, with the plan's note.

    ``overridden`` are the alerts that somebody overrode for it, each with why.
    """

    text: str
    days: int | None
    note: str
    overridden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForPatient:
    """What the patient takes home, in the words of the plan: nothing is added that the plan does not say.

    ``urgent`` says when to get help at once.
    """

    medicines: tuple[Ordered, ...]
    tests: tuple[str, ...]
    advice: tuple[str, ...]
    appointments: tuple[str, ...]
    urgent: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.medicines or self.tests or self.advice or self.appointments or self.urgent)


def plan_of(encounter: Encounter) -> PlanDraft | None:
    """Return the newest plan of an encounter that was not discarded."""
    plans = PlanDraft.objects.for_organisation(encounter.organisation_id).filter(encounter=encounter)
    return plans.exclude(state=PlanDraft.State.DISCARDED).order_by("-created_at").first()


def prescription(plan: PlanDraft | None, patient: Patient) -> tuple[tuple[Ordered, ...], int]:
    """Return the medicines of a plan, and how many an alert keeps off the sheet; ``patient`` is whose record it is."""
    printed = _medicines(_lines(plan, patient))
    rows = plan.lines.filter(removed_at=None, kind=PlanLine.Kind.MEDICINE).count() if plan else 0
    return printed, rows - len(printed)


def for_patient(plan: PlanDraft | None, patient: Patient) -> ForPatient:
    """Return what a patient has to know of a plan. An urgent referral is for the clinician, not for the hand-out."""
    lines = _lines(plan, patient)
    said = PlanLine.Kind.ADVICE
    return ForPatient(
        medicines=_medicines(lines),
        tests=_texts(one for one in lines if one.kind == PlanLine.Kind.TEST),
        advice=_texts(one for one in lines if one.kind == said and not one.content.get("urgent")),
        appointments=_texts(
            one
            for one in lines
            if one.kind == PlanLine.Kind.FOLLOW_UP
            or (one.kind == PlanLine.Kind.REFERRAL and not one.content.get("urgent"))
        ),
        urgent=_texts(one for one in lines if one.kind == said and one.content.get("urgent")),
    )


def _lines(plan: PlanDraft | None, patient: Patient) -> list[PlanLine]:
    """Return the lines in force.

    One of a draft that an alert stops, by the record as it is now, is no order until somebody has given a reason.
    """
    if plan is None:
        return []
    rows = list(plan.lines.filter(removed_at=None))
    shown = draft_of(plan.encounter, summarised(patient, "", entries_of(patient)))
    if shown is None or shown.plan != plan:
        return rows
    stopped = {one.id for one in shown.lines if one.is_stopped or one.line.stopped}
    return [row for row in rows if row.pk not in stopped]


def _medicines(lines: Iterable[PlanLine]) -> tuple[Ordered, ...]:
    return tuple(_ordered(one.content) for one in lines if one.kind == PlanLine.Kind.MEDICINE)


def _texts(lines: Iterable[PlanLine]) -> tuple[str, ...]:
    return tuple(saying.plain(str(one.content["text"])) for one in lines)


def _ordered(content: Mapping[str, Any]) -> Ordered:
    days = content.get("days")
    return Ordered(
        text=spelled_out(saying.plain(str(content["text"]))),
        days=int(days) if days else None,
        note=saying.plain(str(content.get("note") or "")),
        overridden=saying.overridden(content),
    )
