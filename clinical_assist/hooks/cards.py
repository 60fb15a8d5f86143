"""Cards: what the checks say of a call, in the form of CDS Hooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from clinical_assist.hooks.reading import Call, Draft
from clinical_assist.medicines.checks import check
from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import Alert, Tier
from clinical_assist.plans.patient_facts import Facts, facts_of
from clinical_assist.plans.reasons import FREQUENT, REASONS, SYSTEM

LONGEST_SUMMARY: Final = 139
_INDICATORS: Final[dict[Tier, str]] = {1: "critical", 2: "warning", 3: "info"}
_MOST: Final = 12
_REASONS_SHOWN: Final = (*FREQUENT, "need-more-info", "prefers-alternative", "patient-contraindication")
_TOPICS: Final = "urn:llmasos:check"


@dataclass(frozen=True, slots=True)
class Counted:
    """A rule that a card counts for."""

    rule: str
    kind: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Card:
    """A card with the rules that it counts for, the strictest first."""

    id: UUID
    rules: tuple[Counted, ...]
    shown: dict[str, Any]

    @property
    def tier(self) -> Tier:
        return self.rules[0].tier


def cards_of(
    service: Literal["patient-view", "order-select", "order-sign"], call: Call, selected: Sequence[str], *, about: str
) -> list[Card]:
    """Return the cards of a call, the worst first. ``about`` is the address of the page on what they stand on."""
    facts = facts_of(call.summary)
    if service == "patient-view":
        found = [*_of_view(call, facts)]
    else:
        found = [*_of_orders(call, facts, selected if service == "order-select" else ())]
    shown = sorted(found, key=lambda card: card.tier)[:_MOST]
    link = {"label": str(_("What the checks stand on, and their limits")), "url": about, "type": "absolute"}
    return [replace(card, shown={**card.shown, "links": [link]}) for card in shown]


def stopped_card(message: str) -> dict[str, Any]:
    """Return what is shown where somebody stopped the checks: an empty list would read as *nothing found*."""
    return {
        "uuid": str(uuid4()),
        "summary": _short(_("The checks are stopped at present: nothing was checked.")),
        "detail": message,
        "indicator": "warning",
        "source": {"label": "LLMasOS"},
    }


def _of_view(call: Call, facts: Facts) -> Iterator[Card]:
    if call.summary.allergies_known == "unknown":
        text = _("Allergies are not known: nobody wrote whether there are any.")
        yield _plain("view:allergies_unknown", "allergy", 2, text, _("Ask, and write down that there are none too."))
    # What is taken is held against itself: each medicine is an order that nobody has to give.
    alone = replace(facts.patient, takes=())
    for alert in check(alone, facts.patient.takes):
        if alert.tier < 3:
            yield _of_alert(alert, facts, ())
    yield from _not_checked(call, facts, ())


def _of_orders(call: Call, facts: Facts, selected: Sequence[str]) -> Iterator[Card]:
    orders = [order for draft in call.drafts for order in draft.orders]
    chosen = [draft for draft in call.drafts if not selected or draft.reference in selected]
    names = {order.medicine.name for draft in chosen for order in draft.orders}
    for alert in check(facts.patient, orders):
        if names & set(alert.about):
            yield _of_alert(alert, facts, [draft for draft in chosen if _is_about(draft, alert)])
    if chosen:
        yield from _not_checked(call, facts, [draft.name for draft in chosen if not draft.orders])


def _is_about(draft: Draft, alert: Alert) -> bool:
    return any(order.medicine.name in alert.about for order in draft.orders)


def _of_alert(alert: Alert, facts: Facts, drafts: Sequence[Draft]) -> Card:
    identity = uuid4()
    # The effect of a pair does not name it.
    named = all(name in alert.text for name in alert.about)
    text = alert.text if named else f"{' + '.join(alert.about)}: {alert.text}"
    by = _("Tables of medicines: version %(version)s") % {"version": library().label}
    further = [" ".join(filter(None, (one.text, one.advice, f"({one.source})"))) for one in alert.further]
    detail = [text, alert.advice, *further, _stands_on(facts), by]
    shown: dict[str, Any] = {
        "uuid": str(identity),
        "summary": _short(text),
        "detail": "\n\n".join(one for one in detail if one),
        "indicator": _INDICATORS[alert.tier],
        "source": {"label": alert.source, "topic": {"system": _TOPICS, "code": alert.kind}},
    }
    if drafts:
        shown["suggestions"] = [_without(draft) for draft in drafts]
        shown["selectionBehavior"] = "any"
    if alert.tier < 3:
        shown["overrideReasons"] = [
            {"code": code, "system": SYSTEM, "display": str(REASONS[code])} for code in _REASONS_SHOWN
        ]
    rules = {one.rule: Counted(one.rule, one.kind, one.tier) for one in reversed(alert.of_rules)}
    return Card(identity, tuple(reversed(rules.values())), shown)


def _without(draft: Draft) -> dict[str, Any]:
    label = _("Take out: %(name)s") % {"name": draft.name}
    action = {"type": "delete", "description": label, "resourceId": draft.reference}
    return {"label": label, "uuid": str(uuid4()), "isRecommended": False, "actions": [action]}


def _not_checked(call: Call, facts: Facts, unknown: Sequence[str]) -> Iterator[Card]:
    """Say what could not be checked: silence would read as *nothing found*."""
    said = [_("%(name)s is not known here: nothing was checked for it.") % {"name": name or "?"} for name in unknown]
    said += facts.missing
    if call.absent:
        said.append(_("Not sent, and so not checked: %(names)s.") % {"names": ", ".join(call.absent)})
    if call.unread:
        said.append(_("Resources that could not be read: %(count)s.") % {"count": call.unread})
    if said:
        text = said[0] if unknown else _("Some checks could not be made: facts are missing or too old.")
        yield _plain("hook:not_checked", "record", 3, text, "\n".join(f"- {one}" for one in said))


def _plain(rule: str, kind: str, tier: Tier, text: str, detail: str) -> Card:
    identity = uuid4()
    shown = {
        "uuid": str(identity),
        "summary": _short(text),
        "detail": detail,
        "indicator": _INDICATORS[tier],
        "source": {"label": "LLMasOS", "topic": {"system": _TOPICS, "code": kind}},
    }
    return Card(identity, (Counted(rule, kind, tier),), shown)


def _stands_on(facts: Facts) -> str:
    if not facts.used:
        return ""
    used = "\n".join(f"- {one.text}" + (f" ({one.on.isoformat()})" if one.on else "") for one in facts.used)
    heading = _("The checks used:")
    return f"{heading}\n{used}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else f"{text[: LONGEST_SUMMARY - 1].rstrip()}…"
