"""Writing a draft: conditions that are planned for, lines from order sets and by hand, changes, overrides.

Each function is one write. Several people may work on one draft: a change to a line that somebody else changed since
``expected`` (the revision of the plan that the writer saw) is refused with both versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.intake.engine import engine_of
from clinical_assist.medicines.ordering import course, course_asked, read_order
from clinical_assist.models import PlanDraft, PlanLine, RuleFiring
from clinical_assist.ordersets import versions as order_sets
from clinical_assist.ordersets.types import OrderSets
from clinical_assist.plans.checking import LineAlert
from clinical_assist.plans.drafts import Draft, lock_draft, planned_of
from clinical_assist.plans.errors import PlanError, UnclearError
from clinical_assist.plans.grounds import grounds_of, sources_of
from clinical_assist.plans.lines import Line, Override, Planned, Source
from clinical_assist.plans.proposals import Proposal, proposal
from clinical_assist.plans.reasons import REASONS
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in

LONGEST_TEXT: Final = 400
SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 1_000


def plan_for(principal: Principal, encounter_id: UUID, condition: str) -> PlanDraft:
    """Take a condition of the knowledge in use as one that is planned for; begins the draft where there is none.

    What it stands on (a problem of the record, findings of the intake, or the clinician's choice) is kept with it.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError, StoppedError: as ``lock_draft``.
        PlanError: there is no such condition.
    """
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id, make=True)
        engine = engine_of(principal.organisation_id)
        known = engine.conditions.get(condition)
        if known is None:
            raise PlanError(_("The knowledge base has no such condition."))
        if condition not in {one.code for one in planned_of(draft.plan)}:
            grounds = grounds_of(principal, draft.encounter, draft.found, known, engine)
            planned = Planned(code=condition, name=known.name, icd10=known.icd10, grounds=grounds)
            draft.plan.conditions = [*draft.plan.planned, asdict(planned)]
            draft.save("condition")
    return draft.plan


def leave_condition(principal: Principal, encounter_id: UUID, condition: str) -> PlanDraft:
    """Plan no longer for a condition. Lines that were taken stay until somebody removes them."""
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id)
        draft.plan.conditions = [one for one in draft.plan.planned if one["code"] != condition]
        draft.save("condition")
    return draft.plan


def take(principal: Principal, encounter_id: UUID, codes: Sequence[str]) -> list[LineAlert]:
    """Take lines of order sets into the draft, by their codes; those that stand there already are left out.

    Raises:
        PlanError: a line does not exist, is of no condition that is planned for, or does not fit the patient.
    """
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id)
        found = order_sets.in_use(principal.organisation_id)
        facts = draft.facts()
        planned = {one.code for one in planned_of(draft.plan)}
        there = {line.set_line for line in draft.lines.values()}
        for code in dict.fromkeys(codes):
            if code in there:
                continue
            try:
                line = found.line(code)
            except (KeyError, StopIteration):
                raise PlanError(_("The order sets have no such line: they were changed meanwhile.")) from None
            if not set(line.conditions) & planned:
                raise PlanError(_("“%(line)s” belongs to no condition of this plan.") % {"line": line.text})
            made = proposal(facts.patient, line, found)
            if made.against:
                said = _("“%(line)s” is not proposed for this patient: %(reasons)s")
                raise PlanError(said % {"line": line.text, "reasons": " ".join(made.against)})
            draft.add(line.kind, PlanLine.Origin.ORDER_SET, _line_of(draft, made, found))
        return draft.save("taken")


def _line_of(draft: Draft, made: Proposal, found: OrderSets) -> Line:
    line, order = made.line, made.order
    planned = [one.code for one in planned_of(draft.plan)]
    return Line(
        text=made.text,
        medicine=order.medicine.name if order else "",
        dose=order.dose if order else None,
        unit=order.medicine.unit if order else "",
        times_a_day=order.times_a_day if order else None,
        days=line.days,
        note=line.note,
        whom=line.whom,
        why=line.why,
        condition=next(code for code in planned if code in line.conditions),
        set_line=line.code,
        version=found.version,
        urgent=line.urgent,
        sources=sources_of(draft.plan, made),
    )


def write(
    principal: Principal, encounter_id: UUID, kind: str, text: str, *, days: int | None = None, unchecked: bool = False
) -> list[LineAlert]:
    """Add a line by hand. An order of a medicine is read; what is not clear is asked.

    ``unchecked`` takes a medicine that the library does not know: the line says that nothing was checked.

    Raises:
        UnclearError: with the questions; nothing was added.
        PlanError: the text is empty or too long.
    """
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id, make=True)
        line = _written(draft, Line(text="", days=days), kind, text, unchecked=unchecked)
        draft.add(kind, PlanLine.Origin.HAND, line)
        return draft.save("written")


def change(
    principal: Principal,
    encounter_id: UUID,
    line_id: UUID,
    text: str,
    *,
    expected: int,
    days: int | None = None,
    unchecked: bool = False,
) -> list[LineAlert]:
    """Change the words and days of a line. It is the clinician's own from then on; what was overridden for other values
    is not.

    Raises:
        PlanConflictError: somebody else changed or removed the line since ``expected``.
        UnclearError, PlanError: as ``write``.
    """
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id)
        line = draft.line(line_id, expected, yours=text)
        row = draft.rows[line_id]
        row.origin = PlanLine.Origin.HAND
        changed = _written(draft, replace(line, worded="", model="", days=days), row.kind, text, unchecked=unchecked)
        draft.lines[line_id] = draft.stamped(changed)
        return draft.save("changed", answered=True)


def remove(principal: Principal, encounter_id: UUID, line_id: UUID, *, expected: int) -> list[LineAlert]:
    """Take a line out of the draft. Raises PlanConflictError."""
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id)
        draft.line(line_id, expected)
        draft.remove(line_id)
        return draft.save("removed", answered=True)


def put_back(principal: Principal, encounter_id: UUID, line_id: UUID) -> list[LineAlert]:
    """Put a line that was removed into the draft again. What speaks against it has to be answered anew.

    Raises:
        PlanError: the draft has no such line among those that were removed, or is full.
    """
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id)
        draft.put_back(line_id)
        return draft.save("put_back")


def discard(principal: Principal, encounter_id: UUID, *, expected: int) -> None:
    """Give up a draft. Its rows stay, and it is part of no plan any more. Raises PlanConflictError."""
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id)
        if draft.plan.revision != expected:
            from clinical_assist.plans.signing import changed_meanwhile

            raise changed_meanwhile()
        draft.plan.state = PlanDraft.State.DISCARDED
        draft.plan.save(update_fields=["state"])
        draft.record("clinical.plan_discarded", {"lines": len(draft.lines)})


def override(
    principal: Principal, encounter_id: UUID, line_id: UUID, key: str, code: str, text: str, *, expected: int
) -> list[LineAlert]:
    """Keep why an alert is not followed, with the line. Tier 1 needs a coded reason and words, tier 2 the reason.

    Raises:
        PlanConflictError: the line was changed, so that the alert is another one or gone.
        PlanError: the reason is missing.
    """
    text = " ".join(text.split())
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id)
        line = draft.line(line_id, expected)
        alerts = draft.alerts()
        found = next((one for one in alerts if one.key == key and line_id in one.lines), None)
        if found is None:
            raise PlanError(_("This alert does not hold any more: look at the plan as it is now."))
        if found.alert.tier > 2:
            raise PlanError(_("What is only to be known needs no reason."))
        if code not in REASONS:
            raise PlanError(_("Choose a reason."))
        if found.alert.tier == 1 and len(text) < SHORTEST_REASON:
            raise PlanError(_("An alert that stops an order needs a reason in words: what is known, and what is done."))
        if len(text) > LONGEST_REASON:
            raise PlanError(_("The reason is too long: 1,000 letters fit."))
        kept = Override(
            key=key,
            rule=found.alert.rule,
            tier=found.alert.tier,
            alert=found.said_whole,
            code=code,
            text=text,
            by=str(principal.id),
            at=timezone.now().isoformat(),
            rules=found.to_answer,
        )
        others = tuple(one for one in line.overrides if not set(one.answers) <= set(kept.answers))
        draft.lines[line_id] = draft.stamped(replace(line, overrides=(*others, kept)))
        result = draft.save("overridden")
        _count(draft, kept, RuleFiring.Outcome.OVERRIDDEN, kept.code)
        draft.record("clinical.alert_overridden", {"tier": found.alert.tier, "reason": code, "alert": key})
    return result


def take_back(principal: Principal, encounter_id: UUID, key: str, *, expected: int) -> list[LineAlert]:
    """Take an override back, wherever in the draft it is kept: the alert has to be answered again.

    Raises:
        PlanConflictError: its line was changed since ``expected``.
        PlanError: no alert that was overridden has this key.
    """
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id)
        kept = next((one.override for one in draft.alerts() if one.key == key), None)
        if kept is None:
            raise PlanError(_("This alert does not hold any more: look at the plan as it is now."))
        holder = next(name for name, line in draft.lines.items() if kept in line.overrides)
        line = draft.line(holder, expected)
        others = tuple(one for one in line.overrides if one != kept)
        draft.lines[holder] = draft.stamped(replace(line, overrides=others))
        _count(draft, kept, RuleFiring.Outcome.SHOWN)
        result = draft.save("override_taken_back")
        draft.record("clinical.alert_override_taken_back", {"tier": kept.tier, "alert": key})
    return result


def _count(draft: Draft, kept: Override, outcome: str, reason: str = "") -> None:
    counted = {key: firing for line in draft.lines.values() for key, firing in line.firings.items()}
    firings = [counted[key] for key in kept.answers if key in counted]
    RuleFiring.objects.for_organisation(draft.plan.organisation_id).filter(pk__in=firings).update(
        outcome=outcome, reason_code=reason
    )


def _written(draft: Draft, line: Line, kind: str, text: str, *, unchecked: bool) -> Line:
    """Return the line with new words: an order that was read where it is of a medicine."""
    text = " ".join(text.split())
    if kind not in PlanLine.Kind.values:
        raise PlanError(_("Choose what kind of line it is."))
    if not text or len(text) > LONGEST_TEXT:
        raise PlanError(_("A line has 1 to 400 letters."))
    own = Source(
        kind="hand", reference=str(draft.principal.id), text=_("Written in this plan: “%(text)s”") % {"text": text}
    )
    blank = replace(line, text=text, medicine="", dose=None, unit="", times_a_day=None, sources=(own,), why="", whom="")
    if kind != PlanLine.Kind.MEDICINE:
        return blank
    short, days = course(text)
    if days is not None and line.days not in {None, days}:
        said = _("The line says %(said)s days and the field %(given)s: leave one of them.")
        raise UnclearError([said % {"said": days, "given": line.days}])
    read = read_order(text)
    asked = read.questions or tuple(filter(None, (course_asked(text),)))
    if not unchecked and (read.order is None or asked):
        raise UnclearError(asked, read.meant)
    # What is taken as written keeps its words: nobody vouches that they were read rightly.
    if days is not None and not unchecked:
        blank = replace(blank, text=short, days=days)
    if read.order is None:
        return blank
    # A medicine that the library knows is checked, even where its dose is not clear.
    order = read.order
    return replace(
        blank, medicine=order.medicine.name, dose=order.dose, unit=order.medicine.unit, times_a_day=order.times_a_day
    )
