"""Intake and differential in one page. The case is in the form alone; the log has which options were shown, no more."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from clinical_assist.governance.pages import running
from clinical_assist.intake import case as cases
from clinical_assist.knowledge import reading
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@running("differential")
def differential(request: MemberRequest) -> HttpResponse:
    """Read a text, let its findings be corrected, and show options with their reasons once they are asked for."""
    case = cases.posted(request.POST)
    context = {
        "case": case,
        "rows": cases.rows(case),
        "states": cases.STATES,
        "flags": cases.red_flags(case),
        "question": cases.question(case) if case.findings else None,
        "knowledge": reading.starter(),
        "longest": cases.LONGEST_TEXT,
    }
    if case.findings and case.revealed:
        assessment, likely, urgent = cases.assess(case)
        context |= {"assessment": assessment, "likely": likely, "urgent": urgent}
        record(
            organisation_id=request.organisation.pk,
            actor=request.principal.actor,
            action="clinical.differential_shown",
            digests={
                "knowledge": reading.starter().digest,
                "findings": len(case.findings),
                "options": [one.condition.code for one in (*likely, *urgent)],
                "outside": assessment.outside,
            },
        )
    part = request.headers.get("HX-Target") == "case"
    return render(request, "clinical_assist/differential/" + ("case.html" if part else "page.html"), context)


@require_safe
@member_view(*READERS)
def about(request: MemberRequest) -> HttpResponse:
    """What the suggestions come from, how well they were seen to do, and what they cannot do."""
    return render(request, "clinical_assist/differential/about.html", {"knowledge": reading.starter()})
