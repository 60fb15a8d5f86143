"""The curator's pages: versions of a kind, one version with its differences, its review, and what is in use."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinical_assist.governance import leads
from clinical_assist.governance.versions import queries, services
from clinical_assist.governance.versions.differences import Difference, counts, differences, labelled
from clinical_assist.governance.versions.forms import ReviewForm
from clinical_assist.governance.versions.kinds import ContentError, Kind, digest_of, kind_of
from clinical_assist.governance.versions.services import VersionError
from clinical_assist.models import KnowledgeVersion
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view

SHOWN_VERSIONS = 50
SHOWN_DIFFERENCES = 200
State = KnowledgeVersion.State
_OPEN = {State.PROPOSED, State.REVIEWED}


@require_safe
@member_view(*READERS)
def versions(request: MemberRequest, kind: str) -> HttpResponse:
    """List the versions of a kind with their states."""
    of = _kind(kind)
    organisation_id = request.organisation.pk
    context = {
        "kind": of,
        "label": of.code.label,
        "active": queries.active(organisation_id, kind),
        "versions": queries.versions_of(organisation_id, kind)[:SHOWN_VERSIONS],
        "governs": leads.governs(request.principal),
        "curate": reverse(of.curate, args=[request.organisation.slug]),
    }
    return render(request, "clinical_assist/governance/versions.html", context)


@require_safe
@member_view(*READERS)
def version(request: MemberRequest, version_id: UUID) -> HttpResponse:
    """Show one version: what differs from what is in use, what was measured, and what can be done."""
    return _page(request, _version(request, version_id), ReviewForm())


@require_POST
@member_view(*READERS)
def measure(request: MemberRequest, version_id: UUID) -> HttpResponse:
    """Measure a version once; the part of the page with its figures."""
    found = services.measure(request.principal, _version(request, version_id).pk)
    return render(request, _kind(found.kind).figures, {"version": found, **_may(request, found)})


@require_POST
@member_view(*READERS)
def review(request: MemberRequest, version_id: UUID) -> HttpResponse:
    """Approve or reject a proposal."""
    found = _version(request, version_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    approve = form.cleaned_data["verdict"] == "approve"
    try:
        services.review(request.principal, found.pk, form.cleaned_data["note"], approve=approve)
    except VersionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The version is approved.") if approve else _("The version is rejected."))
    return redirect("clinical_assist:version", request.organisation.slug, found.pk)


@require_POST
@member_view(*READERS)
def again(request: MemberRequest, version_id: UUID) -> HttpResponse:
    """Propose the changes of a version that was overtaken on what is in use now."""
    found = _version(request, version_id)
    try:
        made = services.propose_again(request.principal, found.pk)
    except (ContentError, VersionError) as error:
        messages.error(request, str(error))
        return redirect("clinical_assist:version", request.organisation.slug, found.pk)
    messages.success(request, _("Version %(number)s is proposed. Somebody else reviews it.") % {"number": made.number})
    return redirect("clinical_assist:version", request.organisation.slug, made.pk)


@require_POST
@member_view(*READERS)
def activate(request: MemberRequest, version_id: UUID) -> HttpResponse:
    """Put a version in use."""
    found = _version(request, version_id)
    try:
        services.activate(request.principal, found.pk)
    except VersionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Version %(number)s is in use from now on.") % {"number": found.number})
    return redirect("clinical_assist:version", request.organisation.slug, found.pk)


@require_POST
@member_view(*READERS)
def built_in(request: MemberRequest, kind: str) -> HttpResponse:
    """Go back to what comes with the application."""
    try:
        services.back_to_built_in(request.principal, _kind(kind).code)
    except VersionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("What comes with the application is in use from now on."))
    return redirect("clinical_assist:versions", request.organisation.slug, kind)


def _page(request: MemberRequest, found: KnowledgeVersion, form: ReviewForm) -> HttpResponse:
    of = _kind(found.kind)
    present = queries.current_content(request.organisation.pk, found.kind)
    tables = of.tables(found.content)
    differing = differences(of.tables(present), tables)
    context = {
        "version": found,
        "kind": of,
        "form": form,
        "counts": _counted(differing),
        "differences": labelled(differing[:SHOWN_DIFFERENCES], of.label, tables),
        "hidden": max(0, len(differing) - SHOWN_DIFFERENCES),
        "is_overtaken": found.state in _OPEN and found.base_digest != digest_of(present),
        **_may(request, found),
    }
    return render(request, "clinical_assist/governance/version.html", context, status=422 if form.errors else 200)


def _may(request: MemberRequest, found: KnowledgeVersion) -> dict[str, bool]:
    governs = leads.governs(request.principal)
    is_own = found.proposed_by_id == request.user.pk
    return {
        "governs": governs,
        "is_own": is_own,
        "may_review": governs and not is_own and found.state == State.PROPOSED,
        "may_activate": governs and found.state in {State.REVIEWED, State.RETIRED} and found.figures is not None,
    }


def _counted(differing: Sequence[Difference]) -> list[tuple[str, dict[str, int]]]:
    return list(counts(differing).items())


def _version(request: MemberRequest, version_id: UUID) -> KnowledgeVersion:
    try:
        return queries.version_for(request.organisation.pk, version_id)
    except KnowledgeVersion.DoesNotExist:
        raise Http404 from None


def _kind(code: str) -> Kind:
    try:
        return kind_of(code)
    except KeyError:
        raise Http404 from None
