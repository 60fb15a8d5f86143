"""The curator's page of order sets: every set in use with its lines, and a proposal from files."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinical_assist.governance.versions.forms import UploadForm
from clinical_assist.governance.versions.kinds import ContentError
from clinical_assist.governance.versions.proposing import proposed
from clinical_assist.governance.versions.queries import current_content
from clinical_assist.intake.engine import engine_of
from clinical_assist.ordersets import versions
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def curate(request: MemberRequest) -> HttpResponse:
    """Show the order sets in use; POST proposes a version with the sets of TOML files in place of theirs."""
    present, engine = current_content(request.organisation.pk, versions.KIND.code), engine_of(request.organisation.pk)
    form = UploadForm(request.POST or None, request.FILES or None, installed=[])
    form.fields["tables"].help_text = _("TOML files: their order sets and sources replace those of the same code.")
    if request.method == "POST" and form.is_valid():
        try:
            content = versions.from_files(form.cleaned_data["tables"], present, conditions=engine.conditions)
            return proposed(request, versions.KIND.code, content, form.cleaned_data["note"])
        except ContentError as error:
            form.add_error(None, str(error))
    found = versions.in_use(request.organisation.pk)
    context = {"form": form, "found": found, "sets": [(one, found.sources) for one in found.sets.values()]}
    return render(request, "clinical_assist/ordersets/curate.html", context, status=422 if form.errors else 200)
