"""Pages on which roster files and long class lists are uploaded, looked at, and applied."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor import jobs
from tutor.models import RosterImport
from tutor.permissions import READERS
from tutor.refusals import known_only
from tutor.rosters import imports, wording


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("ZIP of OneRoster CSV files, or one of them"),
        help_text=gettext_lazy("OneRoster 1.1 or 1.2, as your school information system exports it; 16 MB at most."),
    )

    def clean_file(self) -> bytes:
        given = self.cleaned_data["file"]
        if given.size > imports.MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 16 MB: split the export."))
        return bytes(given.read())


@require_http_methods(["GET", "HEAD", "POST"])
@member_view("administrator")
def rosters(request: MemberRequest) -> HttpResponse:
    """List recent uploads; POST takes one."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = imports.upload(request.principal, form.cleaned_data["file"])
        return redirect("tutor:roster_import_state", request.organisation.slug, made.pk)
    context = {"form": form, "uploads": imports.uploads(request.principal)[:10]}
    return render(request, "tutor/rosters/rosters.html", context, status=422 if form.errors else 200)


@require_safe
@member_view(*READERS)
@known_only
def state(request: MemberRequest, import_id: UUID) -> HttpResponse:
    """Show how far an upload is, what it would do, or what it did."""
    found = imports.import_of(request.principal, import_id)
    context = {
        "roster": found,
        "course": found.course,
        "busy": found.state in jobs.AT_WORK,
        "waits": found.step == RosterImport.Step.CHECK and found.state == jobs.State.DONE,
        "figures": wording.figures(found.report.get("counts", {})),
        "problems": found.report.get("problems", []),
        "problem_count": found.report.get("problem_count", 0),
        "failure": wording.failure(found.error_code, found.report.get("failure", "")) if found.error_code else "",
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "tutor/rosters/state.html" if part else "tutor/rosters/import.html", context)


@require_POST
@member_view(*READERS)
@known_only
def act(request: MemberRequest, import_id: UUID) -> HttpResponse:
    """Apply what was shown, or discard it."""
    if request.POST.get("act") == "discard":
        course_id = imports.import_of(request.principal, import_id).course_id
        imports.discard(request.principal, import_id)
        messages.success(request, _("The files were deleted."))
        if course_id is not None:
            return redirect("tutor:roster", request.organisation.slug, course_id)
        return redirect("tutor:rosters", request.organisation.slug)
    imports.confirm(request.principal, import_id)
    return redirect("tutor:roster_import_state", request.organisation.slug, import_id)
