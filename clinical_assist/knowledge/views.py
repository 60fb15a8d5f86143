"""The curator's pages of knowledge: tables from files, and one condition's likelihoods in a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinical_assist.governance.versions.forms import NoteForm, UploadForm
from clinical_assist.governance.versions.kinds import ContentError
from clinical_assist.governance.versions.proposing import proposed
from clinical_assist.governance.versions.queries import current_content
from clinical_assist.knowledge import library, versions
from clinical_assist.knowledge.errors import KnowledgeError
from clinical_assist.knowledge.types import Condition, Knowledge
from clinical_assist.knowledge.wording import said
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view

_LIKELIHOOD = "chance-"


@dataclass(frozen=True, slots=True)
class Row:
    """A finding of a condition with its likelihood as it was written."""

    code: str
    name: str
    written: str
    background: float


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def curate(request: MemberRequest) -> HttpResponse:
    """Offer the ways to propose a version; POST proposes one from files or from an imported base, or searches."""
    present = current_content(request.organisation.pk, versions.KIND.code)
    installed = [name for name in library.names() if name != library.STARTER]
    searches = "q" in request.POST
    sent = None if searches else request.POST or None
    form = UploadForm(sent, request.FILES or None, installed=installed)
    if request.method == "POST" and not searches and form.is_valid():
        try:
            if form.cleaned_data.get("installed"):
                content = versions.written(library.load(form.cleaned_data["installed"]))
            else:
                content = versions.from_files(form.cleaned_data["tables"], present, name="uploaded")
            return proposed(request, versions.KIND.code, content, form.cleaned_data["note"])
        except (ContentError, KnowledgeError) as error:
            form.add_error(None, str(error))
    knowledge = versions.read(present)
    wanted = request.POST.get("q", "").strip()[:80]
    context = {
        "form": form,
        "knowledge": knowledge,
        "wanted": wanted,
        "conditions": sorted((one for one in knowledge.conditions if _is_meant(one, wanted)), key=said),
    }
    return render(request, "clinical_assist/governance/curate.html", context, status=422 if form.errors else 200)


def _is_meant(one: Condition, words: str) -> bool:
    names = (said(one), one.name, one.code, *one.synonyms, *one.icd10)
    return any(words.casefold() in name.casefold() for name in names)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def condition(request: MemberRequest, code: str) -> HttpResponse:
    """Show one condition's likelihoods; POST proposes a version in which they are others."""
    present = current_content(request.organisation.pk, versions.KIND.code)
    knowledge = versions.read(present)
    found = next((one for one in knowledge.conditions if one.code == code), None)
    if found is None:
        raise Http404
    form = NoteForm(request.POST or None)
    rows, rate = _rows(knowledge, found), f"{found.rate:g}"
    if request.method == "POST":
        rows, rate = _posted(knowledge, found, request.POST), request.POST.get("rate", "")
        if form.is_valid():
            try:
                likelihoods = {row.code: _number(row.written, row.name) for row in rows if row.written.strip()}
                content = versions.with_condition(
                    present, code, rate=_number(rate, _("How often it is seen")), findings=likelihoods
                )
                return proposed(request, versions.KIND.code, content, form.cleaned_data["note"])
            except ContentError as error:
                form.add_error(None, str(error))
    context = {
        "form": form,
        "condition": found,
        "rows": rows,
        "rate": rate,
        "others": [one for one in knowledge.findings.values() if one.code not in {row.code for row in rows}],
        "sources": [knowledge.sources[source] for source in found.sources],
    }
    return render(request, "clinical_assist/governance/condition.html", context, status=422 if form.errors else 200)


def _rows(knowledge: Knowledge, found: Condition) -> list[Row]:
    ordered = sorted(found.findings.items(), key=lambda one: -one[1])
    return [_row(knowledge, finding, f"{chance:g}") for finding, chance in ordered]


def _posted(knowledge: Knowledge, found: Condition, data: QueryDict) -> list[Row]:
    """Return the rows as they were typed, those of the condition first; an emptied one is taken out on saving."""
    typed: Mapping[str, str] = {
        name.removeprefix(_LIKELIHOOD): str(value) for name, value in data.items() if name.startswith(_LIKELIHOOD)
    }
    added = data.get("added", "")
    wanted = dict.fromkeys([*(row.code for row in _rows(knowledge, found)), *typed])
    rows = [_row(knowledge, code, typed.get(code, "")) for code in wanted if code in knowledge.findings]
    if added in knowledge.findings and added not in wanted:
        rows.append(_row(knowledge, added, data.get("added_chance", "")))
    return rows


def _row(knowledge: Knowledge, code: str, written: str) -> Row:
    finding = knowledge.findings[code]
    return Row(code, finding.name, written, finding.background)


def _number(written: str, name: str) -> float:
    try:
        return float(written.strip().replace(",", "."))
    except ValueError:
        raise ContentError(_("%(name)s: %(value)s is no number.") % {"name": name, "value": written}) from None
