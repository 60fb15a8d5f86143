"""Long sheets and long files of marks, as acts that a worker does."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

from django.utils.translation import ngettext

from llmasos.accounts.principals import Principal
from tutor.bulk.registry import BulkWork, Done, register_bulk
from tutor.interchange.marks import services
from tutor.interchange.marks.preview import preview_of
from tutor.interchange.marks.sheet import marking_sheet
from tutor.jobs import Step
from tutor.marking.access import FIRST_MARKERS
from tutor.models import BulkAct

Kind = BulkAct.Kind
BACK = "tutor:marks"


def register() -> None:
    said, checked = "tutor/bulk/said.html", "tutor/interchange/marks_checked.html"
    roles = FIRST_MARKERS
    register_bulk(Kind.SHEET, BulkWork(_sheet, roles, "tutor/bulk/sheet.html", _nothing_more, BACK, handed_out=True))
    register_bulk(Kind.MARKS_CHECK, BulkWork(_check, roles, checked, _shown_check, BACK, handed_out=True))
    register_bulk(Kind.MARKS, BulkWork(_import, roles, said, _shown_import, BACK))
    register_bulk(Kind.MARKS_UNDO, BulkWork(_undo, roles, said, _shown_undo, BACK))


def packed(content: bytes) -> str:
    """Return an uploaded file as an act holds it."""
    return base64.b64encode(content).decode()


def imported(count: int) -> str:
    """Say how many marks were imported."""
    return ngettext("%(count)d mark was imported.", "%(count)d marks were imported.", count) % {"count": count}


def taken_back(count: int, kept: int) -> list[str]:
    """Say how many imported marks were taken back, and how many stay."""
    said = [ngettext("%(count)d mark was taken back.", "%(count)d marks were taken back.", count) % {"count": count}]
    if kept:
        more = ngettext(
            "%(count)d mark was changed since and stays.", "%(count)d marks were changed since and stay.", kept
        )
        said.append(more % {"count": kept})
    return said


def _sheet(principal: Principal, act: BulkAct, step: Step) -> Done:
    sheet = marking_sheet(principal, _assignment(act), step=step, **act.given)
    return Done({"count": sheet.count, "unmarked": act.given["unmarked"]}, sheet.text)


def _check(principal: Principal, act: BulkAct, step: Step) -> Done:
    content = base64.b64decode(act.content)
    plan = services.preview_marks(principal, _assignment(act), content, replace=act.given["replace"])
    return Done({}, json.dumps(preview_of(plan)))


def _import(principal: Principal, act: BulkAct, step: Step) -> Done:
    made = services.import_marks(
        principal,
        _assignment(act),
        base64.b64decode(act.content),
        preview_digest=json.loads(act.result)["digest"],
        client_id=act.pk,
        replace=act.given["replace"],
        step=step,
    )
    return Done({"count": made.count})


def _undo(principal: Principal, act: BulkAct, step: Step) -> Done:
    undone = services.undo_import(principal, UUID(act.given["import"]), step=step)
    return Done({"count": undone.withdrawn, "kept": undone.kept})


def _nothing_more(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {}


def _shown_check(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"preview": json.loads(act.result)}


def _shown_import(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"said": [imported(act.report["count"])]}


def _shown_undo(principal: Principal, act: BulkAct) -> dict[str, Any]:
    return {"said": taken_back(act.report["count"], act.report["kept"])}


def _assignment(act: BulkAct) -> UUID:
    assert act.assignment_id is not None  # noqa: S101 - narrows the type
    return act.assignment_id
