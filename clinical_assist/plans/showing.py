"""How a plan is put before a reader: lines by kind, alerts by weight, proposals by order set, what to plan for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clinical_assist.intake.engine import Engine, engine_of
from clinical_assist.medicines.library import library
from clinical_assist.medicines.ordering import in_words
from clinical_assist.medicines.types import Said
from clinical_assist.models import Encounter, PlanDraft, PlanLine, ShownDifferential
from clinical_assist.ordersets import versions as order_sets
from clinical_assist.ordersets.types import KINDS
from clinical_assist.plans.drafts import planned_of
from clinical_assist.plans.patient_facts import facts_of
from clinical_assist.plans.problems import condition_of
from clinical_assist.plans.proposals import Proposal, propose
from clinical_assist.plans.queries import PlannedLine, ShownPlan, overrides_of, signed_of
from clinical_assist.plans.reasons import FREQUENT, REASONS, choices
from clinical_assist.record.types import Summary

_OPTIONS = 6


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one kind."""

    kind: str
    label: str
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert as a reader sees it; the answer with the name of who gave it, where there is one."""

    key: str
    tier: int
    kind: str
    text: str
    advice: str
    source: str
    further: tuple[Said, ...] = ()
    reason: str = ""
    words: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with its alerts, who wrote it, and what was read of an order that somebody wrote by hand."""

    planned: PlannedLine
    by: str
    alerts: tuple[ShownAlert, ...]
    read_as: str


@dataclass(frozen=True, slots=True)
class OfSet:
    """What one order set proposes: lines that fit, and lines that do not with why."""

    name: str
    fitting: tuple[Proposal, ...]
    others: tuple[Proposal, ...]


def page(encounter: Encounter, found: Summary, shown: ShownPlan | None) -> dict[str, Any]:
    """Return what the page of a plan shows."""
    planned = planned_of(shown.plan) if shown else ()
    facts = (shown.facts if shown else None) or facts_of(found)
    engine = engine_of(encounter.organisation_id)
    names = {one.code: one.name for one in engine.knowledge.conditions}
    taken = {one.line.set_line for one in shown.lines} if shown else set()
    chosen = [one.code for one in planned]
    in_use = order_sets.in_use(encounter.organisation_id)
    sets = {code for one in in_use.sets.values() for code in one.conditions}
    return {
        "shown": shown,
        "groups": groups(shown) if shown else [],
        "none_borne_out": shown is not None and _none_borne_out(shown),
        "facts": facts,
        "planned": planned,
        "suggested": _suggested(encounter, found, set(chosen), engine),
        "conditions": sorted(
            ((code, names[code]) for code in (sets & names.keys()) - set(chosen)), key=lambda one: one[1].casefold()
        ),
        "sets": _proposed(propose(facts.patient, chosen, in_use), taken),
        "without_set": [one.name for one in planned if one.code not in sets],
        "signed": [(one, groups(one)) for one in signed_of(encounter)],
        "overrides": [(one, REASONS.get(one.override.code, "")) for one in overrides_of(found.patient)],
        "reasons": choices(),
        "frequent": [(code, REASONS[code]) for code in FREQUENT],
        "order_sets": in_use,
        "tables": library(),
    }


def groups(shown: ShownPlan) -> list[Group]:
    """Return the lines by kind, in the order in which a plan is read."""
    found = []
    for kind in KINDS:
        lines = tuple(_line(one, shown) for one in shown.lines if one.kind == kind)
        if lines:
            found.append(Group(kind, str(PlanLine.Kind(kind).label), lines))
    return found


def _none_borne_out(shown: ShownPlan) -> bool:
    """Whether a model worded the reasons and no sentence of it stands."""
    return shown.plan.wording == PlanDraft.Wording.DONE and not any(one.line.worded for one in shown.lines)


def _line(planned: PlannedLine, shown: ShownPlan) -> ShownLine:
    by = planned.line.by
    alerts = tuple(
        ShownAlert(
            key=one.key,
            tier=one.alert.tier,
            kind=one.alert.kind,
            text=one.said,
            advice=one.alert.advice,
            source=one.alert.source,
            further=one.alert.further,
            **(_answer(one.override.code, one.override.text, one.override.by, one.override.at, shown)
               if one.override else {}),
        )
        for one in planned.alerts
    )  # fmt: skip
    if planned.is_signed:
        alerts = tuple(
            ShownAlert(
                key=one.key, tier=one.tier, kind="", text=one.alert, advice="", source="",
                **_answer(one.code, one.text, one.by, one.at, shown),
            )
            for one in planned.line.overrides
        )  # fmt: skip
    order = planned.line.order if planned.origin == PlanLine.Origin.HAND else None
    return ShownLine(planned, shown.names.get(UUID(by), "") if by else "", alerts, in_words(order) if order else "")


def _answer(code: str, words: str, by: str, at: str, shown: ShownPlan) -> dict[str, Any]:
    return {
        "reason": str(REASONS.get(code, code)),
        "words": words,
        "by": shown.names.get(UUID(by), ""),
        "at": datetime.fromisoformat(at),
    }


def _proposed(proposals: list[Proposal], taken: set[str]) -> list[OfSet]:
    names = dict.fromkeys(one.of_set.name for one in proposals)
    return [
        OfSet(
            name,
            tuple(one for one in proposals if one.of_set.name == name and one.fits and one.line.code not in taken),
            tuple(one for one in proposals if one.of_set.name == name and not one.fits),
        )
        for name in names
    ]


def _suggested(encounter: Encounter, found: Summary, chosen: set[str], engine: Engine) -> list[tuple[str, str]]:
    """Return what could be planned for: problems of the record, then options of the differential that was shown."""
    problems = [condition_of(one.item.name, one.item.codings, engine) for one in found.active_problems]
    latest = ShownDifferential.objects.for_organisation(encounter.organisation_id).filter(encounter=encounter).first()
    options = [str(one.get("code", "")) for one in latest.content.get("options", ())][:_OPTIONS] if latest else []
    codes = dict.fromkeys([*problems, *options])
    return [(code, engine.conditions[code].name) for code in codes if code in engine.conditions and code not in chosen]
