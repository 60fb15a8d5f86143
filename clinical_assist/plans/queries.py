"""Reads of plans; inside ``acting_in``. Whoever shows them records the read of the patient's record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clinical_assist.governance.switches import is_stopped
from clinical_assist.models import Encounter, Patient, PlanDraft, PlanLine, StopSwitch
from clinical_assist.plans.checking import LineAlert, check_lines, of_line
from clinical_assist.plans.drafts import planned_of
from clinical_assist.plans.lines import Line, Override
from clinical_assist.plans.patient_facts import Facts, facts_of
from clinical_assist.record.access import rows_of
from clinical_assist.record.queries import entries_of, names_of, summarised
from clinical_assist.record.types import Summary


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of a signed plan or of a draft. One that is stopped has an alert of tier 1 that nobody answered."""

    id: UUID
    plan_id: UUID
    encounter_id: UUID
    kind: str
    origin: str
    line: Line
    is_signed: bool
    signed_by: str
    signed_at: datetime | None
    alerts: tuple[LineAlert, ...] = ()

    @property
    def is_stopped(self) -> bool:
        return any(one.stops for one in self.alerts)


@dataclass(frozen=True, slots=True)
class KeptOverride:
    """An override as the next reader sees it: of which order, by whom, on which day, why."""

    line: str
    override: Override
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan with its lines. ``alerts`` and ``facts`` are those of now for a draft; a signed plan has none.

    ``removed`` are the ids and words of a draft's lines that were removed, the latest first.
    """

    plan: PlanDraft
    lines: tuple[PlannedLine, ...]
    facts: Facts | None = None
    alerts: tuple[LineAlert, ...] = ()
    removed: tuple[tuple[UUID, str], ...] = ()
    checks_stopped: bool = False
    names: Mapping[UUID, str] = field(default_factory=dict)

    @property
    def unanswered(self) -> tuple[LineAlert, ...]:
        return tuple(one for one in self.alerts if one.needs_answer)


def draft_of(encounter: Encounter, found: Summary) -> ShownPlan | None:
    """Return the draft of an encounter, checked against the record as it is now; None where there is none."""
    plan = _plans(encounter.organisation_id).filter(encounter=encounter, state=PlanDraft.State.DRAFT).first()
    return None if plan is None else _shown(plan, found)


def signed_of(encounter: Encounter) -> list[ShownPlan]:
    """Return the signed plans of an encounter, the latest first."""
    plans = _plans(encounter.organisation_id).filter(encounter=encounter, state=PlanDraft.State.SIGNED)
    return [_shown(plan, None) for plan in plans.order_by("-signed_at")]


def signed_and_draft_lines(patient: Patient) -> list[PlannedLine]:
    """Return the lines of all signed plans and drafts of a patient's record, merged rows included, the oldest first."""
    plans = _plans(patient.organisation_id).filter(patient_id__in=rows_of(patient))
    found = summarised(patient, "", entries_of(patient))
    shown = [_shown(plan, found) for plan in plans.exclude(state=PlanDraft.State.DISCARDED).order_by("created_at")]
    return [line for one in shown for line in one.lines]


def overrides_of(patient: Patient) -> list[KeptOverride]:
    """Return what was overridden in signed plans of a patient's record, the latest first."""
    rows = PlanLine.objects.for_organisation(patient.organisation_id).filter(
        patient_id__in=rows_of(patient), plan__state=PlanDraft.State.SIGNED, removed_at=None
    )
    lines = [Line.of(row.content) for row in rows]
    names = names_of(UUID(one.by) for line in lines for one in line.overrides)
    kept = [
        KeptOverride(line.text, one, names.get(UUID(one.by), ""), datetime.fromisoformat(one.at))
        for line in lines
        for one in line.overrides
    ]
    return sorted(kept, key=lambda one: one.at, reverse=True)


def _plans(organisation_id: UUID) -> QuerySet[PlanDraft]:
    return PlanDraft.objects.for_organisation(organisation_id).select_related("signed_by")


def _shown(plan: PlanDraft, found: Summary | None) -> ShownPlan:
    rows = list(PlanLine.objects.for_organisation(plan.organisation_id).filter(plan=plan, removed_at=None))
    lines = {row.pk: Line.of(row.content) for row in rows}
    is_draft = plan.state == PlanDraft.State.DRAFT
    facts = facts_of(found, planned=planned_of(plan)) if is_draft and found else None
    stopped = is_draft and is_stopped(plan.organisation_id, StopSwitch.Function.CHECKS)
    alerts = [] if facts is None or stopped else check_lines(facts.patient, lines)
    return ShownPlan(
        plan=plan,
        lines=tuple(_planned(plan, row, lines[row.pk], alerts) for row in rows),
        facts=facts,
        alerts=tuple(alerts),
        removed=tuple(_removed(plan)) if is_draft else (),
        checks_stopped=stopped,
        names=names_of(_people(lines.values())),
    )


def _removed(plan: PlanDraft) -> Iterable[tuple[UUID, str]]:
    rows = PlanLine.objects.for_organisation(plan.organisation_id).filter(plan=plan, removed_at__isnull=False)
    return ((row.pk, Line.of(row.content).text) for row in rows.order_by("-removed_at"))


def _planned(plan: PlanDraft, row: PlanLine, line: Line, alerts: Iterable[LineAlert]) -> PlannedLine:
    return PlannedLine(
        id=row.pk,
        plan_id=plan.pk,
        encounter_id=plan.encounter_id,
        kind=row.kind,
        origin=row.origin,
        line=line,
        is_signed=plan.state == PlanDraft.State.SIGNED,
        signed_by=str(plan.signed_by) if plan.signed_by else "",
        signed_at=plan.signed_at,
        alerts=tuple(of_line(alerts, row.pk)),
    )


def _people(lines: Iterable[Line]) -> Iterable[UUID]:
    for line in lines:
        yield from (UUID(one.by) for one in line.overrides)
        if line.by:
            yield UUID(line.by)
