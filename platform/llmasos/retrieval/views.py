"""The knowledge pages: collections, their documents with progress, upload, retry, delete and undo, trial search."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.inference.errors import InferenceError
from llmasos.retrieval import permissions, queries, services
from llmasos.retrieval.errors import RetrievalError
from llmasos.retrieval.forms import CollectionForm, UploadForm
from llmasos.retrieval.models import WORKING_STATES, Collection, Document

PAGE_SIZE = 50
TRIAL_HITS = 5
MAX_QUESTION = 4_000
SHOWN_REFUSALS = 3


@require_safe
@member_view(*permissions.READERS)
def collections(request: MemberRequest) -> HttpResponseBase:
    """List the collections."""
    return render(
        request,
        "retrieval/collections.html",
        {"collections": queries.collections(request.principal), "form": CollectionForm()},
    )


@require_POST
@member_view(*permissions.MANAGERS)
def add_collection(request: MemberRequest) -> HttpResponseBase:
    form = CollectionForm(request.POST)
    if not form.is_valid():
        context = {"collections": queries.collections(request.principal), "form": form}
        return render(request, "retrieval/collections.html", context, status=422)
    made = services.add_collection(request.principal, name=form.cleaned_data["name"])
    return redirect("retrieval:collection", slug=request.organisation.slug, collection_id=made.pk)


@require_safe
@member_view(*permissions.READERS)
def collection(request: MemberRequest, collection_id: UUID) -> HttpResponseBase:
    """Show a collection's documents; its table alone to htmx, which asks again while documents are at work."""
    shown = _collection(request, collection_id)
    context = _documents_context(request, shown) | {"form": UploadForm()}
    template = "retrieval/documents.html" if request.headers.get("HX-Request") else "retrieval/collection.html"
    return render(request, template, context)


@require_POST
@member_view(*permissions.MANAGERS)
def upload(request: MemberRequest, collection_id: UUID) -> HttpResponseBase:
    shown = _collection(request, collection_id)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        report, refused = services.ImportReport(shown.pk), []
        files = form.cleaned_data["file"]
        for file in files:
            try:
                report.add(
                    services.import_upload(
                        request.principal, collection=shown, name=str(file.name), content=file.read()
                    )
                )
            except RetrievalError as error:
                refused.append(f"{file.name}: {error}")
        if len(refused) < len(files):
            for text in refused:
                messages.warning(request, text)
            _tell(request, report)
            return redirect("retrieval:collection", slug=request.organisation.slug, collection_id=shown.pk)
        form.add_error("file", refused)
    context = _documents_context(request, shown) | {"form": form}
    return render(request, "retrieval/collection.html", context, status=422)


@require_POST
@member_view(*permissions.READERS)
def try_search(request: MemberRequest, collection_id: UUID) -> HttpResponseBase:
    """Search one collection for a trial question. It is posted, so that it stands in no address."""
    shown = _collection(request, collection_id)
    question = str(request.POST.get("question", "")).strip()[:MAX_QUESTION]
    context: dict[str, Any] = {"collection": shown, "question": question}
    if question:
        try:
            context["result"] = queries.search(
                request.principal, collection_ids=[shown.pk], query=question, k=TRIAL_HITS
            )
        except InferenceError:
            context["failure"] = _("The model service did not answer. Look at the console, then try again.")
    if request.headers.get("HX-Request"):
        return render(request, "retrieval/hits.html", context)
    return render(
        request, "retrieval/collection.html", _documents_context(request, shown) | {"form": UploadForm()} | context
    )


@require_safe
@member_view(*permissions.MANAGERS)
def original(request: MemberRequest, document_id: UUID) -> HttpResponseBase:
    """Hand a file back as it was imported. It is data: no browser opens it as a page of ours."""
    try:
        document, stored = services.read_original(request.principal, document_id=document_id)
    except Document.DoesNotExist:
        raise Http404 from None
    response = HttpResponse(bytes(stored.content), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=document.file_name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return response


@require_POST
@member_view(*permissions.MANAGERS)
def retry(request: MemberRequest, document_id: UUID) -> HttpResponseBase:
    try:
        document = services.retry(request.principal, document_id=document_id)
    except Document.DoesNotExist:
        raise Http404 from None
    return _back(request, document)


@require_POST
@member_view(*permissions.MANAGERS)
def delete(request: MemberRequest, document_id: UUID) -> HttpResponseBase:
    try:
        document = services.delete(request.principal, document_id=document_id)
    except Document.DoesNotExist:
        raise Http404 from None
    return _back(request, document, removed=document.pk)


@require_POST
@member_view(*permissions.MANAGERS)
def restore(request: MemberRequest, document_id: UUID) -> HttpResponseBase:
    try:
        document = services.restore(request.principal, document_id=document_id)
    except Document.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("“%(title)s” is back.") % {"title": str(document)})
    return _back(request, document)


def _collection(request: MemberRequest, collection_id: UUID) -> Collection:
    found = queries.collections(request.principal).filter(pk=collection_id).first()
    if found is None:
        raise Http404
    return found


def _documents_context(request: MemberRequest, shown: Collection) -> dict[str, Any]:
    documents = queries.documents(request.principal, shown)
    state = str(request.GET.get("state", ""))
    if state in queries.progress(request.organisation.pk, shown.pk):
        documents = documents.filter(state=state)
    removed = Document.objects.for_organisation(request.organisation).filter(
        collection=shown, pk__in=_uuids(request.GET.get("removed")), deleted_at__isnull=False
    )
    return {
        "collection": shown,
        "page": Paginator(documents, PAGE_SIZE).get_page(request.GET.get("page")),
        "progress": queries.progress(request.organisation.pk, shown.pk),
        "working": any(queries.progress(request.organisation.pk, shown.pk)[state] for state in WORKING_STATES),
        "latest": documents.aggregate(latest=Max("state_at"))["latest"],
        "removed": removed.first(),
        "may_manage": request.principal.has_role(*permissions.MANAGERS),
        "query": request.GET.urlencode(),
    }


def _tell(request: MemberRequest, report: services.ImportReport) -> None:
    if report.queued:
        count = len(report.queued)
        text = ngettext("%(count)d document is being read.", "%(count)d documents are being read.", count)
        messages.success(request, text % {"count": count})
    if report.unchanged:
        text = ngettext("%(count)d document is unchanged.", "%(count)d documents are unchanged.", report.unchanged)
        messages.info(request, text % {"count": report.unchanged})
    for one, other in report.duplicates[:SHOWN_REFUSALS]:
        messages.info(request, _("“%(one)s” says the same as “%(other)s”.") % {"one": one, "other": other})
    for refusal in report.refused[:SHOWN_REFUSALS]:
        place = _("Line %(line)d") % {"line": refusal.line} if refusal.line else refusal.name
        messages.warning(request, f"{place}: {refusal.reason}")
    if len(report.refused) > SHOWN_REFUSALS:
        more = len(report.refused) - SHOWN_REFUSALS
        text = ngettext("%(count)d more line was refused.", "%(count)d more lines were refused.", more)
        messages.warning(request, text % {"count": more})


def _back(request: MemberRequest, document: Document, *, removed: UUID | None = None) -> HttpResponse:
    response = redirect("retrieval:collection", slug=request.organisation.slug, collection_id=document.collection_id)
    if removed is not None:
        response["Location"] += f"?removed={removed}"
    return response


def _uuids(value: str | None) -> list[UUID]:
    try:
        return [UUID(value or "")]
    except ValueError:
        return []
