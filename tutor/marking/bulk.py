"""Releases of a whole class and marks for many answers, and their taking back, as acts that a worker does."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import ngettext

from llmasos.accounts.principals import Principal
from tutor.bulk.registry import BulkWork, Done, register_bulk
from tutor.jobs import Step
from tutor.marking import services
from tutor.marking.access import DECIDERS, FIRST_MARKERS
from tutor.models import BulkAct


def register() -> None:
    page, back = "tutor/bulk/said.html", "tutor:release"
    register_bulk(BulkAct.Kind.RELEASE, BulkWork(_release, DECIDERS, page, _shown_release, back))
    register_bulk(BulkAct.Kind.WITHDRAWAL, BulkWork(_withdraw, DECIDERS, page, _shown_withdrawal, back))
    groups = "tutor:desk_groups"
    register_bulk(BulkAct.Kind.GROUP_MARKS, BulkWork(_mark_group, FIRST_MARKERS, page, _shown_marks, groups))
    register_bulk(BulkAct.Kind.CONFIRMING, BulkWork(_confirm, FIRST_MARKERS, page, _shown_marks, groups))
    register_bulk(BulkAct.Kind.GROUP_UNDO, BulkWork(_undo, FIRST_MARKERS, page, _shown_undo, groups))


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


def marked(count: int) -> str:
    """Say how many answers were marked together."""
    return ngettext("%(count)d answer was marked.", "%(count)d answers were marked.", count) % {"count": count}


def undone(withdrawn: int, kept: int) -> str:
    """Say how many marks that were given together were taken back, and how many stay."""
    said = ngettext("%(count)d mark was taken back.", "%(count)d marks were taken back.", withdrawn)
    said %= {"count": withdrawn}
    if not kept:
        return said
    more = ngettext(
        "%(count)d was changed by a person since and stays.", "%(count)d were changed by people since and stay.", kept
    )
    return f"{said} {more % {'count': kept}}"


def _release(principal: Principal, act: BulkAct, step: Step) -> Done:
    chosen = [UUID(one) for one in act.given["submissions"]]
    services.release(principal, _assignment(act), chosen, step=step)
    return Done({"count": len(chosen)})


def _withdraw(principal: Principal, act: BulkAct, step: Step) -> Done:
    batch = UUID(act.given["batch"]) if "batch" in act.given else None
    chosen = [UUID(one) for one in act.given.get("submissions", ())]
    count = services.withdraw_release(principal, _assignment(act), batch=batch, submission_ids=chosen, step=step)
    return Done({"count": count})


def _mark_group(principal: Principal, act: BulkAct, step: Step) -> Done:
    entered = json.loads(act.content)
    made = services.apply_group(
        principal,
        UUID(act.given["group"]),
        preview_digest=act.given["preview"],
        levels=entered["levels"],
        points=Decimal(entered["points"]) if entered["points"] is not None else None,
        feedback=entered["feedback"],
        override_reason=entered["reason"],
        client_id=act.pk,
        step=step,
    )
    return Done({"count": made.count})


def _confirm(principal: Principal, act: BulkAct, step: Step) -> Done:
    question, preview = UUID(act.given["question"]), act.given["preview"]
    made = services.confirm_proposals(principal, question, preview_digest=preview, client_id=act.pk, step=step)
    return Done({"count": made.count})


def _undo(principal: Principal, act: BulkAct, step: Step) -> Done:
    taken = services.undo_group_act(principal, UUID(act.given["act"]), step=step)
    return Done({"count": taken.withdrawn, "kept": taken.kept})


def _shown_marks(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"said": [marked(act.report["count"])]}


def _shown_undo(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"said": [undone(act.report["count"], act.report["kept"])]}


def _shown_release(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"said": [released(act.report["count"])]}


def _shown_withdrawal(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"said": [withdrawn(act.report["count"])]}


def _assignment(act: BulkAct) -> UUID:
    assert act.assignment_id is not None  # noqa: S101 - narrows the type
    return act.assignment_id
