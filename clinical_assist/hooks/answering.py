"""Answering a call with cards, and taking what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal, cast
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.governance.switches import StoppedError, require_running
from clinical_assist.hooks.callers import actor_of
from clinical_assist.hooks.cards import Card, cards_of, stopped_card
from clinical_assist.hooks.reading import read_call
from clinical_assist.medicines.library import library
from clinical_assist.models import HookCaller, HookCard, RuleFiring
from clinical_assist.plans.reasons import REASONS
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref

Hook = Literal["patient-view", "order-select", "order-sign"]


def answer(caller: HookCaller, request: Mapping[str, Any], *, about: str) -> dict[str, Any]:
    """Return the cards of a call that keeps to the schema. Rules that fire are counted; of the patient nothing is kept.

    ``about`` is the address of the page on what the checks stand on.
    """
    service = cast("Hook", request["hook"])
    with acting_in(caller.organisation_id):
        try:
            require_running(caller.organisation_id, "hooks")
            require_running(caller.organisation_id, "checks")
        except StoppedError:
            # The reason is for our own staff; the caller's people learn that nothing was checked.
            _record(caller, service, cards=0)
            return {"cards": [stopped_card(_("Ask the clinic that runs the checks."))]}
        call = read_call(caller.organisation_id, request)
        cards = cards_of(service, call, request["context"].get("selections", ()), about=about)
        _count(caller, service, cards)
        _record(caller, service, cards=len(cards))
    return {"cards": [card.shown for card in cards]}


def take_feedback(caller: HookCaller, service: str, message: Mapping[str, Any]) -> int:
    """Keep what became of cards that the caller was given; return of how many. Comments are not kept.

    A comment may name the patient, and whoever overrode keeps it in their own record.
    """
    told: dict[UUID, Mapping[str, Any]] = {}
    for one in message["feedback"]:
        try:
            told[UUID(one["card"])] = one
        except ValueError:
            continue
    with acting_in(caller.organisation_id):
        cards = HookCard.objects.for_organisation(caller.organisation_id).filter(
            pk__in=list(told), caller=caller, service=service
        )
        of = {card.firing_id: card.pk for card in cards}
        fired = RuleFiring.objects.for_organisation(caller.organisation_id)
        firings = list(fired.filter(Q(pk__in=list(of)) | Q(under_id__in=list(of))))
        for firing in firings:
            said = told[of[firing.under_id or firing.pk]]
            reason = ((said.get("overrideReason") or {}).get("reason") or {}).get("code", "")
            firing.outcome = RuleFiring.Outcome(said["outcome"])
            firing.reason_code = reason if reason in REASONS else ""
        RuleFiring.objects.bulk_update(firings, ["outcome", "reason_code"])
        record(
            organisation_id=caller.organisation_id,
            actor=actor_of(caller),
            action="clinical.hook_feedback",
            object=Ref(f"cds_service:{service}"),
            digests={"cards": len(cards)},
        )
    return len(cards)


def _count(caller: HookCaller, service: str, cards: list[Card]) -> None:
    owned = {"organisation_id": caller.organisation_id}
    shared = {**owned, "place": RuleFiring.Place.HOOK, "at": timezone.now(), "version": library().label}
    leading = RuleFiring.objects.bulk_create(RuleFiring(**shared, **asdict(card.rules[0])) for card in cards)
    RuleFiring.objects.bulk_create(
        RuleFiring(**shared, **asdict(rule), under=first)
        for card, first in zip(cards, leading, strict=True)
        for rule in card.rules[1:]
    )
    HookCard.objects.bulk_create(
        HookCard(**owned, id=card.id, caller=caller, service=service, firing=first)
        for card, first in zip(cards, leading, strict=True)
    )


def _record(caller: HookCaller, service: str, *, cards: int) -> None:
    record(
        organisation_id=caller.organisation_id,
        actor=actor_of(caller),
        action="clinical.hook_answered",
        object=Ref(f"cds_service:{service}"),
        digests={"cards": cards, "tables": library().digest},
    )
