"""The draft of an encounter under a lock, with its lines, the patient's facts and the alerts; saved with its counts.

Every service of plans goes through here: what a write changes is one revision of the plan, one entry in the log, and
the counts of the alerts that came or went with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.governance.switches import is_stopped, require_running
from clinical_assist.medicines.library import library
from clinical_assist.models import Encounter, Patient, PlanDraft, PlanLine, RuleFiring, StopSwitch
from clinical_assist.plans.checking import LineAlert, check_lines
from clinical_assist.plans.errors import NoDraftError, PlanConflictError, PlanError
from clinical_assist.plans.lines import Line, Planned
from clinical_assist.plans.patient_facts import Facts, facts_of
from clinical_assist.record.access import encounter_for, lock_record, subject
from clinical_assist.record.queries import entries_of, summarised
from clinical_assist.record.types import Summary
from llmasos.accounts.principals import Principal
from llmasos.audit.canonical import DigestValue
from llmasos.audit.services import record
from llmasos.audit.types import Ref

MOST_LINES: Final = 100


@dataclass(slots=True)
class Draft:
    """A locked draft. ``lines`` are those in force, in their order; change them through the methods."""

    principal: Principal
    plan: PlanDraft
    encounter: Encounter
    purpose: str
    found: Summary
    rows: dict[UUID, PlanLine]
    lines: dict[UUID, Line]

    def facts(self) -> Facts:
        return facts_of(self.found, planned=planned_of(self.plan))

    def alerts(self, facts: Facts | None = None) -> list[LineAlert]:
        """Return the alerts that hold now; none while the checks are stopped."""
        if is_stopped(self.plan.organisation_id, StopSwitch.Function.CHECKS):
            return []
        return check_lines((facts or self.facts()).patient, self.lines)

    def stamped(self, line: Line) -> Line:
        """Return the line as changed now, in the revision that is being made."""
        return replace(line, revision=self.plan.revision + 1, by=str(self.principal.id), at=timezone.now().isoformat())

    def add(self, kind: str, origin: str, line: Line) -> UUID:
        """Put a line at the end and return its id."""
        self._require_room()
        row = PlanLine(
            organisation_id=self.plan.organisation_id,
            patient_id=self.plan.patient_id,
            plan=self.plan,
            kind=kind,
            origin=origin,
            position=max((one.position for one in self.rows.values()), default=0) + 1,
        )
        self.rows[row.pk] = row
        self.lines[row.pk] = self.stamped(line)
        return row.pk

    def remove(self, line_id: UUID) -> None:
        self.rows[line_id].removed_at = timezone.now()
        del self.lines[line_id]

    def put_back(self, line_id: UUID) -> None:
        """Bring a removed line back, without its overrides.

        Raises:
            PlanError: no such line was removed, or the draft is full.
        """
        removed = PlanLine.objects.for_organisation(self.plan.organisation_id).filter(
            plan=self.plan, removed_at__isnull=False
        )
        row = removed.filter(pk=line_id).first()
        if row is None:
            raise PlanError(_("This line is not among those that were removed."))
        self._require_room()
        row.removed_at = None
        self.rows[row.pk] = row
        self.lines[row.pk] = self.stamped(replace(Line.of(row.content), overrides=(), firings={}))

    def _require_room(self) -> None:
        if len(self.lines) >= MOST_LINES:
            raise PlanConflictError(_("A plan holds at most %(count)s lines.") % {"count": MOST_LINES})

    def line(self, line_id: UUID, expected: int, *, yours: str = "") -> Line:
        """Return a line that the writer saw at the plan's revision ``expected``.

        Raises:
            PlanConflictError: it was changed or removed since.
        """
        line = self.lines.get(line_id)
        if line is None:
            raise PlanConflictError(_("Somebody else removed this line meanwhile."), yours=yours)
        if line.revision > expected:
            raise PlanConflictError(
                _("Somebody else changed this line meanwhile. Both versions stand below: look, and decide again."),
                yours=yours,
                theirs=line.text,
                by=UUID(line.by) if line.by else None,
            )
        return line

    def save(self, what: str, *, place: str = RuleFiring.Place.ENTRY, answered: bool = False) -> list[LineAlert]:
        """Store the draft as its next revision, count alerts that came and went, and record it.

        ``answered``: alerts that went did so because an order was changed or removed. Returns the alerts that hold now.
        """
        alerts = self.alerts()
        self._count(alerts, place, answered=answered)
        stopped = {line for one in alerts if one.stops for line in one.lines}
        self.lines = {key: replace(line, stopped=key in stopped) for key, line in self.lines.items()}
        self.plan.revision += 1
        self.plan.save()
        for key, row in self.rows.items():
            row.content = self.lines[key].content() if key in self.lines else row.content
            row.save()
        self.record(
            "clinical.plan_changed",
            {
                "what": what,
                "revision": self.plan.revision,
                "lines": len(self.lines),
                "tables": library().digest,
            },
        )
        return alerts

    def record(self, action: str, digests: dict[str, DigestValue]) -> None:
        record(
            organisation_id=self.plan.organisation_id,
            actor=self.principal.actor,
            action=action,
            subject=subject(self.plan.patient_id),
            object=Ref("plan", self.plan.pk),
            purpose=self.purpose,
            digests=digests,
        )

    def _count(self, alerts: list[LineAlert], place: str, *, answered: bool) -> None:
        """Make a count for each rule that fires anew, and end those of rules that fire no more."""
        contents = {**{key: Line.of(row.content) for key, row in self.rows.items() if row.content}, **self.lines}
        counted = {key: firing for line in contents.values() for key, firing in line.firings.items()}
        now = {key for one in alerts for key in one.keys}
        gone = {key: firing for key, firing in counted.items() if key not in now}
        if gone and answered:
            RuleFiring.objects.for_organisation(self.plan.organisation_id).filter(
                pk__in=gone.values(), outcome=RuleFiring.Outcome.SHOWN
            ).update(outcome=RuleFiring.Outcome.ACCEPTED)
        for key, line in self.lines.items():
            kept = {name: firing for name, firing in line.firings.items() if name in now}
            self.lines[key] = replace(line, firings=kept)
        for one in alerts:
            if not one.lines:
                continue
            new = {
                key: RuleFiring.objects.create(
                    organisation_id=self.plan.organisation_id,
                    rule=said.rule,
                    kind=said.kind,
                    tier=said.tier,
                    place=place,
                    version=library().label,
                ).pk
                for key, said in one.by_rule
                if key not in counted
            }
            anchor = one.lines[-1]
            line = self.lines[anchor]
            self.lines[anchor] = replace(line, firings={**line.firings, **new})


def planned_of(plan: PlanDraft) -> tuple[Planned, ...]:
    """Return the conditions that a plan is for."""
    return tuple(Planned.of(one) for one in plan.planned)


def lock_draft(principal: Principal, encounter_id: UUID, *, make: bool = False) -> Draft:
    """Lock the draft of an encounter; ``make`` begins one where there is none.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError: as ``encounter_for``.
        NoDraftError: there is none.
        StoppedError: plans were stopped here.
    """
    encounter, patient, purpose = encounter_for(principal, encounter_id)
    require_running(principal.organisation_id, StopSwitch.Function.PLAN)
    # Two who begin at the same moment wait for each other here, and what is checked is not written meanwhile.
    patient = lock_record(patient)
    plan = PlanDraft.objects.for_organisation(principal.organisation_id).filter(
        encounter=encounter, state=PlanDraft.State.DRAFT
    ).first()  # fmt: skip
    if plan is None and not make:
        raise NoDraftError(_("There is no draft of a plan here: it was signed or discarded meanwhile."))
    if plan is None:
        plan = PlanDraft.objects.create(
            organisation_id=principal.organisation_id,
            patient_id=encounter.patient_id,
            encounter=encounter,
            created_by_id=principal.id,
        )
    return _loaded(principal, plan, encounter, patient, purpose)


def _loaded(principal: Principal, plan: PlanDraft, encounter: Encounter, patient: Patient, purpose: str) -> Draft:
    held = PlanLine.objects.for_organisation(plan.organisation_id).filter(plan=plan, removed_at=None)
    rows = {row.pk: row for row in held}
    lines = {key: Line.of(row.content) for key, row in rows.items()}
    return Draft(principal, plan, encounter, purpose, summarised(patient, purpose, entries_of(patient)), rows, lines)
