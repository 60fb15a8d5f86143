"""The cards of a class, as an act that a worker does: each PIN takes a tenth of a second."""

from __future__ import annotations

import json
from typing import Any

from llmasos.accounts.principals import Principal
from tutor.bulk.registry import BulkWork, Done, register_bulk
from tutor.cards.services import make_cards, shown_again
from tutor.jobs import Step
from tutor.models import BulkAct
from tutor.permissions import TEACHER


def register() -> None:
    work = BulkWork(_make, (TEACHER,), "tutor/cards/made.html", _shown, "tutor:roster", handed_out=True)
    register_bulk(BulkAct.Kind.CARDS, work)


def _make(principal: Principal, act: BulkAct, step: Step) -> Done:
    made = make_cards(principal, act.course_id, step=step)
    cards = [{"learner": str(one.learner_id), "pin": one.pin, "hash": one.pin_hash} for one in made]
    return Done({"count": len(cards)}, json.dumps(cards))


def _shown(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"course": act.course, "cards": shown_again(principal, act.course, json.loads(act.result))}
