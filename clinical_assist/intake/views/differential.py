"""The differential of an encounter: own list first, then the machine's, what-if, comparison and history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinical_assist.governance.pages import running
from clinical_assist.intake import adopting, revealing
from clinical_assist.intake.case import STATES, red_flags, rows
from clinical_assist.intake.options import telling
from clinical_assist.intake.own_list import compared
from clinical_assist.intake.revealing import Opened, opened
from clinical_assist.intake.stored import IntakeError, is_open
from clinical_assist.intake.views.reading import chosen_states
from clinical_assist.record.pages import care_view, patient_page
from llmasos.accounts.permissions import MemberRequest

HISTORY_SHOWN = 20
_PAGE = "clinical_assist:encounter_differential"


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
@running("differential")
def differential(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Show the differential, once it may be shown; POST commits the own list, reveals, or sets who is asked first."""
    typed = ""
    if request.method == "POST":
        typed = request.POST.get("own", "")
        try:
            _act(request, encounter_id, typed)
        except IntakeError as error:
            messages.error(request, str(error))
        else:
            return redirect(_PAGE, request.organisation.slug, encounter_id)
    case = opened(request.principal, encounter_id)
    context: dict[str, Any] = {
        "tab": "differential",
        "intake": case.intake,
        "typed": typed,
        "own_first": revealing.own_list_first(request.principal),
        "flags": red_flags(case.case, case.engine),
        **_picture_context(case),
    }
    if case.intake.revealed_at is not None and case.case.findings:
        found = revealing.show(request.principal, case)
        agreement, lines = compared(case.intake.own_list, found, case.engine)
        context |= {
            "shown": found,
            "agreement": agreement,
            "compared": lines,
            "telling": telling(case.case, case.engine),
        }
    context["history"] = revealing.differentials(case.encounter)[:HISTORY_SHOWN]
    status = 422 if request.method == "POST" else 200
    return patient_page(request, "clinical_assist/intake/differential.html", case.encounter, context, status=status)


@require_POST
@care_view
@running("differential")
def what_if(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Show how the picture would be with other findings; nothing of the intake changes."""
    case = opened(request.principal, encounter_id)
    if case.intake.revealed_at is None:
        return redirect(_PAGE, request.organisation.slug, encounter_id)
    supposed, found = revealing.what_if(request.principal, case, chosen_states(request.POST, case.engine))
    differing = [row for row in rows(supposed, case.engine) if row.state != case.case.states.get(row.finding.code)]
    context = {
        "shown": found,
        "supposed": differing,
        "telling": telling(supposed, case.engine),
        **_picture_context(case),
    }
    return render(request, "clinical_assist/intake/picture.html", context)


@require_POST
@care_view
def adopt(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Write an option into the record as a provisional problem."""
    try:
        problem = adopting.adopt(request.principal, encounter_id, request.POST.get("condition", ""))
    except IntakeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s is a provisional problem of the record now.") % {"name": problem.name})
    return redirect(_PAGE, request.organisation.slug, encounter_id)


def _picture_context(case: Opened) -> dict[str, Any]:
    return {
        "encounter": case.encounter,
        "case": case.case,
        "is_open": is_open(case.encounter),
        "rows": rows(case.case, case.engine),
        "states": STATES,
        "knowledge": case.engine.knowledge,
    }


def _act(request: MemberRequest, encounter_id: UUID, typed: str) -> None:
    what = request.POST.get("act", "")
    if what == "ask_first":
        revealing.set_own_list_first(request.principal, wanted=request.POST.get("wanted") == "1")
        return
    if what == "commit":
        revealing.commit(request.principal, encounter_id, typed)
        messages.success(request, _("Your list is kept as you wrote it."))
        return
    revealing.reveal(request.principal, encounter_id)
