"""The agents' pages under /o/<organisation>/support/."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.retrieval.models import Collection
from support_bot import queries, services
from support_bot.forms import SiteForm
from support_bot.models import Site
from support_bot.permissions import READERS, SITE_EDITORS
from support_bot.sites import save_site

PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def conversations(request: MemberRequest) -> HttpResponse:
    """List what visitors asked, newest first; a search opens the sealed words one conversation at a time.

    A search is posted: words that name a person do not belong into an address.
    """
    organisation_id = request.organisation.pk
    services.settle_answers(organisation_id)
    wanted = request.POST if request.method == "POST" else request.GET
    words = request.POST.get("q", "").strip()[:200]
    outcome = wanted.get("outcome", "")
    site_id = _uuid(wanted.get("site", ""))
    found: Any = queries.conversations(organisation_id, site_id=site_id, outcome=outcome)
    if words:
        found = queries.search(request.principal, found, words)
    page = Paginator(found, queries.SEARCHED if words else PAGE).get_page(request.GET.get("page"))
    queries.record_list_read(request.principal, page.object_list)
    context = {
        "page": page,
        "rows": queries.rows(page.object_list),
        "words": words,
        "outcome": outcome,
        "outcomes": (
            ("", _("All")),
            ("unanswered", _("Not answered")),
            ("disliked", _("Rated not helpful")),
            ("failed", _("Failed")),
        ),
        "site_id": site_id,
        "sites": queries.sites(organisation_id),
        "searched": queries.SEARCHED,
        "filtered": bool(words or outcome or site_id),
    }
    return render(request, "support_bot/conversations.html", _with_tab(context, "conversations"))


@require_safe
@member_view(*READERS)
def conversation(request: MemberRequest, conversation_id: UUID) -> HttpResponse:
    services.settle_answers(request.organisation.pk)
    found = queries.read_conversation(request.principal, conversation_id)
    if found is None:
        raise Http404
    opened, shown = found
    context = {"conversation": opened, "shown": shown}
    return render(request, "support_bot/conversation.html", _with_tab(context, "conversations"))


@require_safe
@member_view(*READERS)
def unanswered(request: MemberRequest) -> HttpResponse:
    """List the questions that the assistant did not know an answer to: what the knowledge lacks."""
    page = Paginator(queries.unanswered(request.organisation.pk), PAGE).get_page(request.GET.get("page"))
    queries.record_list_read(request.principal, [answer.conversation for answer in page.object_list])
    context = {"page": page, "answers": page.object_list}
    return render(request, "support_bot/unanswered.html", _with_tab(context, "unanswered"))


@require_safe
@member_view(*READERS)
def sites(request: MemberRequest) -> HttpResponse:
    context = {"sites": queries.sites(request.organisation.pk), "may_edit": request.principal.has_role(*SITE_EDITORS)}
    return render(request, "support_bot/sites.html", _with_tab(context, "sites"))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*SITE_EDITORS)
def add_site(request: MemberRequest) -> HttpResponse:
    return _site_form(request, Site(organisation=request.organisation))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*SITE_EDITORS)
def site(request: MemberRequest, site_id: UUID) -> HttpResponse:
    found = queries.sites(request.organisation.pk).filter(pk=site_id).first()
    if found is None:
        raise Http404
    return _site_form(request, found)


def _site_form(request: MemberRequest, edited: Site) -> HttpResponse:
    is_new = edited._state.adding  # noqa: SLF001 - Django's own word for a row not stored yet
    collections = Collection.objects.for_organisation(request.organisation).order_by("name")
    form = SiteForm(request.POST if request.method == "POST" else None, instance=edited, collections=collections)
    if request.method == "POST" and form.is_valid():
        chosen = [collection.pk for collection in form.cleaned_data["collections"]]
        try:
            save_site(request.principal, edited, values=form.values(), collection_ids=chosen)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The site was saved."))
            return redirect("support_bot:site", slug=request.organisation.slug, site_id=edited.pk)
    context = {
        "form": form,
        "site": edited,
        "is_new": is_new,
        "tag": "" if is_new else script_tag(request, edited),
        "has_collections": collections.exists(),
    }
    return render(request, "support_bot/site.html", _with_tab(context, "sites"), status=400 if form.errors else 200)


def script_tag(request: MemberRequest, shown: Site) -> str:
    """Return the one tag that the site's pages need."""
    # Not the hashed name: the tag stays on the site's pages for years.
    address = request.build_absolute_uri(f"{settings.STATIC_URL}support_bot/widget.js")
    return format_html(
        '<script src="{}" data-site="{}" data-accent="{}" async></script>', address, shown.key, shown.accent
    )


def _with_tab(context: dict[str, Any], tab: str) -> dict[str, Any]:
    return {**context, "tab": tab}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
