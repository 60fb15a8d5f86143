"""The intake of an encounter: text, findings with where they come from, the next question, red flags."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinical_assist.governance.switches import StoppedError, require_running
from clinical_assist.intake import stored
from clinical_assist.intake.case import STATES, question, red_flags, rows
from clinical_assist.intake.engine import engine_of
from clinical_assist.intake.offered import Offer, offers
from clinical_assist.intake.revealing import Opened, opened
from clinical_assist.intake.stored import ChangedMeanwhileError, IntakeError
from clinical_assist.intake.views.reading import entered
from clinical_assist.models import Intake
from clinical_assist.record.pages import care_view, patient_page
from clinical_assist.record.queries import entries_of, read_recorded, summarised, summary
from clinical_assist.record.types import Summary
from llmasos.accounts.permissions import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def intake(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Show the intake; POST saves it. A background save gets the part of the page that follows from it."""
    part = request.headers.get("HX-Target") == "case"
    theirs: Intake | None = None
    problem = ""
    if request.method == "POST":
        engine = engine_of(request.organisation.pk)
        try:
            stored.save(request.principal, encounter_id, entered(request.POST, engine))
        except ChangedMeanwhileError as error:
            theirs = error.theirs
        except IntakeError as error:
            problem = str(error)
        else:
            if not part:
                messages.success(request, _("The intake is saved."))
                return redirect("clinical_assist:intake", request.organisation.slug, encounter_id)
    case = opened(request.principal, encounter_id)
    context = _context(request, case) | {"theirs": theirs, "problem": problem}
    status = 409 if theirs else 422 if problem else 200
    if part:
        found = _read(request, case)
        context["offers"] = _offers(case, found)
        # htmx puts an answer in place only when it is a success.
        return render(request, "clinical_assist/intake/case.html", context)
    found = summary(request.principal, case.patient)
    context |= {"offers": _offers(case, found), "summary": found, "tab": "intake"}
    if theirs or problem:
        context["typed"] = request.POST.get("text", "")
    return patient_page(request, "clinical_assist/intake/intake.html", case.encounter, context, status=status)


def _context(request: MemberRequest, case: Opened) -> dict[str, Any]:
    try:
        require_running(request.organisation.pk, "recognition")
        stopped = None
    except StoppedError as error:
        stopped = error
    return {
        "intake": case.intake,
        "case": case.case,
        "typed": case.intake.text,
        "rows": rows(case.case, case.engine),
        "states": STATES,
        "flags": red_flags(case.case, case.engine),
        "question": question(case.case, case.engine),
        "knowledge": case.engine.knowledge,
        "is_open": stored.is_open(case.encounter),
        "recognition_stopped": stopped,
        "encounter": case.encounter,
    }


def _read(request: MemberRequest, case: Opened) -> Summary:
    """Read the record for what it suggests, and record that."""
    entries = entries_of(case.patient)
    read_recorded(request.principal, case.patient, case.purpose, part="intake", count=len(entries))
    return summarised(case.patient, case.purpose, entries)


def _offers(case: Opened, found: Summary) -> list[Offer]:
    # What is not known in the case, an asthma of the mother for example, may be known from the record.
    known = {code for code, state in case.case.states.items() if state != "unknown"}
    return offers(found, case.engine, age=case.case.person.age, known=known)
