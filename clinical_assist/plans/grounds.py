"""What a line of a plan stands on: the order set and its work, and why the condition is planned for at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinical_assist.intake.engine import Engine
from clinical_assist.knowledge.types import Condition
from clinical_assist.models import Encounter, Intake, PlanDraft
from clinical_assist.plans.drafts import planned_of
from clinical_assist.plans.lines import Source
from clinical_assist.plans.problems import condition_of
from clinical_assist.plans.proposals import Proposal
from clinical_assist.record.types import Summary
from llmasos.accounts.principals import Principal

_FINDINGS: Final = 6


def grounds_of(
    principal: Principal, encounter: Encounter, found: Summary, condition: Condition, engine: Engine
) -> tuple[Source, ...]:
    """Return why a condition is planned for: problems of the record, findings of the intake, else the choice alone."""
    grounds = (*_problems(found, condition, engine), *_findings(encounter, condition, engine))
    chosen = Source(
        kind="hand", reference=str(principal.id), text=_("Chosen by the clinician: %(name)s") % {"name": condition.name}
    )
    return grounds or (chosen,)


def _problems(found: Summary, condition: Condition, engine: Engine) -> Iterator[Source]:
    for entry in found.active_problems:
        if condition_of(entry.item.name, entry.item.codings, engine) == condition.code:
            since = date_format(entry.on, "DATE_FORMAT") if entry.on else _("no date")
            text = _("Problem of the record: %(name)s (%(since)s)") % {"name": entry.item.name, "since": since}
            yield Source(kind="record", reference=str(entry.id), text=text)


def _findings(encounter: Encounter, condition: Condition, engine: Engine) -> Iterator[Source]:
    intake = Intake.objects.for_organisation(encounter.organisation_id).filter(encounter=encounter).first()
    states = intake.findings if intake else {}
    present = [code for code in condition.findings if states.get(code) == "present"]
    known = engine.knowledge.findings
    for code in sorted(present, key=lambda one: -condition.findings[one])[:_FINDINGS]:
        yield Source(
            kind="finding", reference=code, text=_("Finding of the intake: %(name)s") % {"name": known[code].name}
        )


def sources_of(plan: PlanDraft, made: Proposal) -> tuple[Source, ...]:
    """Return what a proposed line stands on."""
    line = made.line
    said = " · ".join(one for one in (made.text, line.text, line.whom, line.note, line.why) if one)
    grounds = [ground for one in planned_of(plan) if one.code in line.conditions for ground in one.grounds]
    return (
        Source(kind="order_set", reference=line.code, text=f"{made.of_set.name}: {said}"),
        Source(kind="work", reference=line.source, text=made.work),
        *grounds,
    )
