"""The curator's pages of medicines: rows from a file with a look before, and one row in a form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinical_assist.governance.versions.differences import differences
from clinical_assist.governance.versions.kinds import ContentError
from clinical_assist.governance.versions.proposing import proposed
from clinical_assist.governance.versions.queries import current_content, version_for
from clinical_assist.medicines import columns
from clinical_assist.medicines.curating import files, versions
from clinical_assist.medicines.curating.forms import FileForm, RowForm
from clinical_assist.medicines.listing import TABLES
from clinical_assist.medicines.reading import FaultyTablesError
from clinical_assist.models import KnowledgeVersion
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view

_SHOWN_DIFFERENCES = 100


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def curate(request: MemberRequest) -> HttpResponse:
    """Offer the ways to propose a change; POST looks at rows of a file, or proposes them or the shipped rules."""
    below = _below(request)
    present = below.content if below else current_content(request.organisation.pk, versions.KIND.code)
    if request.POST.get("step") == "shipped":
        return _propose_shipped(request, present)
    is_check = request.POST.get("step") == "check"
    form = FileForm(request.POST or None, request.FILES or None, is_check=is_check)
    context: dict[str, Any] = {"form": form, "below": below, "wrong": [], "differences": []}
    if request.method == "POST" and form.is_valid():
        try:
            content = files.from_text(form.cleaned_data["text"], present)
            if not is_check:
                return proposed(request, versions.KIND.code, content, form.cleaned_data["note"])
            found = differences(versions.for_comparison(present), versions.for_comparison(content))
            context |= {"is_checked": True, "differences": found[:_SHOWN_DIFFERENCES], "count": len(found)}
        except files.FileError as error:
            context["wrong"] = error.rows
        except ContentError as error:
            form.add_error(None, str(error))
    form.fields["note"].required = True
    _base, tables = columns.parsed(present)
    context |= {
        "tables": [(table, label, list(tables[table])) for table, label in TABLES.items()],
        "shipped": differences({}, versions.lacking(present)),
    }
    bad = bool(form.errors or context["wrong"])
    return render(request, "clinical_assist/medicines/curate.html", context, status=422 if bad else 200)


def _propose_shipped(request: MemberRequest, present: str) -> HttpResponse:
    try:
        note = _("Rules of version %(version)s of the tables that come with the application.")
        content = versions.with_lacking(present)
        return proposed(request, versions.KIND.code, content, note % {"version": columns.VERSION})
    except ContentError as error:
        messages.error(request, str(error))
        return redirect(request.get_full_path())


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def row(request: MemberRequest, table: str) -> HttpResponse:
    """Show one row of a table, or an empty one; POST proposes a version in which it is another, or is gone."""
    if table not in TABLES:
        raise Http404
    below = _below(request)
    present = below.content if below else current_content(request.organisation.pk, versions.KIND.code)
    _base, tables = columns.parsed(present)
    code = request.GET.get("code", "")
    if code and code not in tables[table]:
        raise Http404
    form = RowForm(request.POST or None, table=table, code=code, tables=tables)
    if request.method == "POST" and form.is_valid():
        given = None if "remove" in request.POST else form.row
        try:
            content = versions.with_rows(present, {table: {code or columns.code_of(table, form.row): given}})
            return proposed(request, versions.KIND.code, content, form.cleaned_data["note"])
        except FaultyTablesError as error:
            form.add_faults(error)
        except ContentError as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "table": table,
        "label": TABLES[table],
        "code": code,
        "title": code or _("Add: %(table)s") % {"table": TABLES[table]},
        "below": below,
        "known": sorted({*tables["medicines"], *_classes(tables)}),
    }
    return render(request, "clinical_assist/medicines/row.html", context, status=422 if form.errors else 200)


def _below(request: MemberRequest) -> KnowledgeVersion | None:
    """Return the open proposal on top of which something is changed, where the address names one."""
    given = request.GET.get("on", "")
    if not given:
        return None
    try:
        found = version_for(request.organisation.pk, UUID(given))
    except (ValueError, KnowledgeVersion.DoesNotExist):
        raise Http404 from None
    if found.kind != versions.KIND.code or found.state != KnowledgeVersion.State.PROPOSED:
        raise Http404
    return found


def _classes(tables: columns.Document) -> set[str]:
    classes = (one.strip() for row in tables["medicines"].values() for one in row["classes"].split(";"))
    return {one for one in classes if one}
