"""Releases of a whole class, and their taking back, as acts that a worker does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import ngettext

from llmasos.accounts.principals import Principal
from tutor.bulk.registry import BulkWork, Done, register_bulk
from tutor.jobs import Step
from tutor.marking import services
from tutor.marking.access import DECIDERS
from tutor.models import BulkAct


def register() -> None:
    page, back = "tutor/bulk/said.html", "tutor:release"
    register_bulk(BulkAct.Kind.RELEASE, BulkWork(_release, DECIDERS, page, _shown_release, back))
    register_bulk(BulkAct.Kind.WITHDRAWAL, BulkWork(_withdraw, DECIDERS, page, _shown_withdrawal, back))


def released(count: int) -> str:
    """Say how many results are shown now."""
    return ngettext(
        "%(count)d learner sees the result now.", "%(count)d learners see their results now.", count
    ) % {"count": count}  # fmt: skip


def withdrawn(count: int) -> str:
    """Say how many results are shown no longer."""
    return ngettext(
        "%(count)d result was taken back. Its learner does not see it any more.",
        "%(count)d results were taken back. Their learners do not see them any more.",
        count,
    ) % {"count": count}


def _release(principal: Principal, act: BulkAct, step: Step) -> Done:
    chosen = [UUID(one) for one in act.given["submissions"]]
    services.release(principal, _assignment(act), chosen, step=step)
    return Done({"count": len(chosen)})


def _withdraw(principal: Principal, act: BulkAct, step: Step) -> Done:
    batch = UUID(act.given["batch"]) if "batch" in act.given else None
    chosen = [UUID(one) for one in act.given.get("submissions", ())]
    count = services.withdraw_release(principal, _assignment(act), batch=batch, submission_ids=chosen, step=step)
    return Done({"count": count})


def _shown_release(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"said": [released(act.report["count"])]}


def _shown_withdrawal(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"said": [withdrawn(act.report["count"])]}


def _assignment(act: BulkAct) -> UUID:
    assert act.assignment_id is not None  # noqa: S101 - narrows the type
    return act.assignment_id
