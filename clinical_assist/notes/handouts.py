"""What leaves on paper beside the note: a prescription draft, and words for the patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clinical_assist.models import Encounter, PlanDraft, PlanLine
from clinical_assist.notes import saying


@dataclass(frozen=True, slots=True)
class Ordered:
    """A medicine of the plan: what it is and how to take it, for how many days, with the plan's note."""

    text: str
    days: int | None
    note: str


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


def prescription(plan: PlanDraft | None) -> tuple[Ordered, ...]:
    """Return the medicines of a plan."""
    return tuple(_ordered(one.content) for one in _lines(plan) if one.kind == PlanLine.Kind.MEDICINE)


def for_patient(plan: PlanDraft | None) -> ForPatient:
    """Return what a patient has to know of a plan. An urgent referral is for the clinician, not for the hand-out."""
    lines = _lines(plan)
    said = PlanLine.Kind.ADVICE
    return ForPatient(
        medicines=prescription(plan),
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


def _lines(plan: PlanDraft | None) -> list[PlanLine]:
    """The lines in force. One that an alert stops is no order until somebody has given a reason."""
    if plan is None:
        return []
    return [row for row in plan.lines.filter(removed_at=None) if not row.content.get("stopped")]


def _texts(lines: Iterable[PlanLine]) -> tuple[str, ...]:
    return tuple(saying.plain(str(one.content["text"])) for one in lines)


def _ordered(content: Mapping[str, Any]) -> Ordered:
    days = content.get("days")
    return Ordered(
        text=saying.plain(str(content["text"])),
        days=int(days) if days else None,
        note=saying.plain(str(content.get("note") or "")),
    )
