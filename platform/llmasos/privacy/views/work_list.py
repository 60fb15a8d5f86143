"""The work-list of privacy requests, and the reports of erasures."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy import queries, services
from llmasos.privacy.errors import NotSignedYetError, PrivacyError
from llmasos.privacy.forms import NoteForm, ReasonForm, TakenDownForm
from llmasos.privacy.models import Erasure, Request, RequestKind
from llmasos.privacy.permissions import OFFICERS, READERS
from llmasos.privacy.registry import stores_of
from llmasos.privacy.views.mine import as_attachment, download

PAGE_SIZE = 25


@require_safe
@member_view(*READERS)
def work_list(request: MemberRequest) -> HttpResponse:
    """List what people ask, what is due first; kinds, ids and days, none of their words."""
    return render(request, "privacy/work_list.html", _list_context(request, TakenDownForm()))


@require_POST
@member_view(*OFFICERS)
def take_down(request: MemberRequest) -> HttpResponse:
    """Store a request that came by letter or telephone."""
    form = TakenDownForm(request.POST)
    if form.is_valid():
        try:
            made = services.make_request(request.principal, **form.cleaned_data)
        except PrivacyError as error:
            form.add_error("subject", str(error))
        else:
            return redirect("privacy:request", request.organisation.slug, made.pk)
    return render(request, "privacy/work_list.html", _list_context(request, form), status=422)


@never_cache
@require_safe
@member_view(*OFFICERS)
def show(request: MemberRequest, request_id: UUID) -> HttpResponse:
    return render(request, "privacy/request.html", _context(request, request_id, ReasonForm(), NoteForm()))


@require_POST
@member_view(*OFFICERS)
def take_on(request: MemberRequest, request_id: UUID) -> HttpResponse:
    _of(request, request_id)
    try:
        services.take_on(request.principal, request_id)
    except PrivacyError as error:
        messages.error(request, str(error))
    return redirect("privacy:request", request.organisation.slug, request_id)


@require_POST
@member_view(*OFFICERS)
def decide(request: MemberRequest, request_id: UUID) -> HttpResponse:
    asked, form = _of(request, request_id), ReasonForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            match form.cleaned_data["decision"]:
                case "accept":
                    services.accept(request.principal, request_id, reason=reason)
                case "extend":
                    services.extend(request.principal, request_id, reason=reason)
                case _:
                    services.refuse(request.principal, request_id, reason=reason)
        except PrivacyError as error:
            form.add_error(None, str(error))
        else:
            starts = asked.kind == RequestKind.ERASURE and form.cleaned_data["decision"] == "accept"
            done = _("The erasure has started. Its report appears here.") if starts else _("The decision is stored.")
            messages.success(request, done)
            return redirect("privacy:request", request.organisation.slug, request_id)
    return render(request, "privacy/request.html", _context(request, request_id, form, NoteForm()), status=422)


@require_POST
@member_view(*OFFICERS)
def note(request: MemberRequest, request_id: UUID) -> HttpResponse:
    _of(request, request_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        services.add_note(request.principal, request_id, text=form.cleaned_data["text"])
        return redirect("privacy:request", request.organisation.slug, request_id)
    return render(request, "privacy/request.html", _context(request, request_id, ReasonForm(), form), status=422)


@never_cache
@require_POST
@member_view(*OFFICERS)
def export(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """Download what the request's subject is to be given."""
    try:
        return download(services.export_subject(request.principal, _of(request, request_id).subject))
    except PrivacyError as error:
        messages.error(request, str(error))
    return redirect("privacy:request", request.organisation.slug, request_id)


@require_safe
@member_view(*READERS)
def erasure(request: MemberRequest, erasure_id: UUID) -> HttpResponse:
    """Show the report of an erasure, or hand it over as JSON."""
    found = Erasure.objects.for_organisation(request.organisation).filter(pk=erasure_id).first()
    if found is None:
        raise Http404
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="privacy.erasure_report_read",
        subject=found.subject,
        object=Ref("erasure", found.pk),
    )
    if "json" in request.GET:
        return JsonResponse({"report": found.report, "report_digest": found.report_digest})
    labels = {store.name: store for store in stores_of(found.subject_kind)}
    rows = [(step, labels.get(step["store"])) for step in (found.report.get("stores") or found.steps)]
    signed = services.is_signed(found)
    return render(request, "privacy/erasure.html", {"erasure": found, "rows": rows, "signed": signed})


@never_cache
@require_safe
@member_view(*READERS)
def signed_report(request: MemberRequest, erasure_id: UUID) -> HttpResponse:
    """Hand over the report with the proof that it is under a signed checkpoint."""
    try:
        content = services.signed_report(request.principal, erasure_id)
    except Erasure.DoesNotExist:
        raise Http404 from None
    except NotSignedYetError as error:
        messages.error(request, str(error))
        return redirect("privacy:erasure", request.organisation.slug, erasure_id)
    return as_attachment(content, name=f"erasure-{erasure_id}.zip")


def _of(request: MemberRequest, request_id: UUID) -> Request:
    found = Request.objects.for_organisation(request.organisation).filter(pk=request_id).first()
    if found is None:
        raise Http404
    return found


def _list_context(request: MemberRequest, form: TakenDownForm) -> dict[str, Any]:
    show_all = request.GET.get("show") == "all"
    found = queries.requests(request.organisation.pk, only_open=not show_all)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="privacy.requests_listed",
        purpose="rights",
        digests={"count": len(page)},
    )
    return {
        "page": page,
        "show_all": show_all,
        "form": form,
        "may_decide": request.principal.has_role(*OFFICERS),
        "erasures": queries.erasures(request.organisation.pk)[:PAGE_SIZE],
    }


def _context(request: MemberRequest, request_id: UUID, form: ReasonForm, note_form: NoteForm) -> dict[str, Any]:
    asked = _of(request, request_id)
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="privacy.request_read",
        subject=asked.subject,
        object=Ref("privacy_request", asked.pk),
        purpose="rights",
    )
    blocked = services.why_blocked(request.organisation.pk, asked.subject) if asked.kind == RequestKind.ERASURE else ""
    return {
        "asked": queries.answered([asked])[0],
        "notes": [(one, queries.text_of(one, "text")) for one in asked.notes.all()],
        "erasures": asked.erasures.all(),
        "blocked": blocked,
        "form": form,
        "note_form": note_form,
    }
