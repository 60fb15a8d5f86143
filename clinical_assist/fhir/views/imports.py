"""Pages on which a clinician uploads records of other systems, sees what they hold, and imports them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinical_assist.fhir import jobs
from clinical_assist.fhir.errors import FhirError
from clinical_assist.fhir.exporting import export_record
from clinical_assist.fhir.forms import UploadForm
from clinical_assist.fhir.listing import listed
from clinical_assist.fhir.preview import preview
from clinical_assist.fhir.report import OUTCOMES, rows_of
from clinical_assist.fhir.undoing import undo, why_not
from clinical_assist.models import FhirImport
from clinical_assist.record.pages import care_view
from llmasos.accounts.permissions import MemberRequest
from llmasos.audit.services import record

_ON_A_PAGE = 20
_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def imports(request: MemberRequest) -> HttpResponse:
    """List the reader's own imports; POST takes a file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = jobs.upload(request.principal, [form.cleaned_data["file"]])
        return redirect("clinical_assist:fhir_import", request.organisation.slug, made.pk)
    page = Paginator(jobs.imports(request.principal), _ON_A_PAGE).get_page(request.GET.get("page"))
    found = listed(request.principal, list(page))
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="clinical.patients_listed",
        digests={"part": "imports", "count": sum(len(one.people) for one in found)},
    )
    words = _outcomes()
    context = {
        "form": form,
        "page": page,
        "imports": [(one, [(words[name], count) for name, count in one.counts]) for one in found],
    }
    return render(request, "clinical_assist/fhir/imports.html", context, status=422 if form.errors else 200)


@require_safe
@care_view
def one_import(request: MemberRequest, import_id: UUID) -> HttpResponse:
    """Show what an upload holds, how far it is, or what became of it."""
    found = _own(request, import_id)
    busy = found.state in {jobs.State.WAITING, jobs.State.RUNNING}
    rows = rows_of(found.report)
    words = _outcomes()
    context = {
        "job": found,
        "busy": busy,
        "preview": preview(found) if found.state == jobs.State.UPLOADED else None,
        "counts": [(words[one], found.counts[one]) for one in OUTCOMES if found.counts],
        "skipped": found.counts.get("skipped_by_type", {}),
        "rows": rows[:_SHOWN],
        "row_count": len(rows),
        "why_not": why_not(request.principal, found) if found.state == jobs.State.DONE else "",
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, f"clinical_assist/fhir/{'import_state' if part else 'import'}.html", context)


@require_POST
@care_view
def act(request: MemberRequest, import_id: UUID) -> HttpResponse:
    """Import what was shown, delete the file, or take an import back."""
    slug = request.organisation.slug
    _own(request, import_id)
    match request.POST.get("act"):
        case "import":
            jobs.confirm(request.principal, import_id)
        case "discard":
            jobs.discard(request.principal, import_id)
            messages.success(request, _("The file was deleted."))
            return redirect("clinical_assist:fhir_imports", slug)
        case "undo":
            try:
                undo(request.principal, import_id)
            except FhirError as error:
                messages.error(request, _("The import stays: %(reason)s") % {"reason": error})
            else:
                messages.success(request, _("The import was taken back."))
    return redirect("clinical_assist:fhir_import", slug, import_id)


@require_POST
@care_view
def export(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Hand out the whole record of a patient as a FHIR bundle. The file's name says nothing of the patient."""
    try:
        found = export_record(request.principal, patient_id)
    except FhirError as error:
        messages.error(request, str(error))
        return redirect("clinical_assist:patient", request.organisation.slug, patient_id)
    response = HttpResponse(found.text, content_type="application/fhir+json")
    response["Content-Disposition"] = f'attachment; filename="record-{found.patient_id}.json"'
    return response


def _outcomes() -> dict[str, str]:
    return {
        "created": _("New"),
        "updated": pgettext("of an entry", "Changed"),
        "unchanged": _("As they were"),
        "skipped": _("Left aside"),
        "rejected": _("Not taken"),
    }


def _own(request: MemberRequest, import_id: UUID) -> FhirImport:
    try:
        return jobs.imports(request.principal).get(pk=import_id)
    except FhirImport.DoesNotExist:
        raise Http404 from None
