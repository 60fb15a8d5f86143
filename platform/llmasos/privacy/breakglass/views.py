"""Pages of emergency access: asking for it, ending it, and the queue in which others review it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.models import Person, Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy.breakglass import permissions, queries, services
from llmasos.privacy.breakglass.errors import BreakGlassError, NotConfirmedError
from llmasos.privacy.breakglass.forms import AskForm, ReviewForm
from llmasos.privacy.breakglass.models import Grant, Review, Verdict
from llmasos.privacy.breakglass.registry import covered_kind, covered_kinds
from llmasos.privacy.registry import subject_kinds
from llmasos.vault.errors import KeyDestroyedError

# The page asks for a fresh proof, so that enough of its ten minutes is left to write a reason.
FRESH = timedelta(minutes=5)
PAGE_GRANTS = 50
OWN_GRANTS = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A grant as the pages show it, with the names that are known."""

    grant: Grant
    who: str
    roles: str
    kind: str
    state: str
    finding: str
    overdue: bool = False


@never_cache
@member_view()
def ask(request: MemberRequest) -> HttpResponse:
    """Ask for access to one subject; without a subject, show what the person has."""
    if "subject" not in request.GET:
        return _own(request)
    subject = _subject(request.GET["subject"])
    back = _next(request)
    if not permissions.may_ask(request.principal, subject.kind):
        return _refused(request, subject)
    covered = covered_kind(subject.kind)
    named = covered.describe(request.organisation.pk, subject.id) if subject.id else None
    if named is None:
        raise Http404
    confirmed = confirmed_at(request)
    running = queries.active_grant(request.principal, subject)
    if running is None and request.method != "POST" and (confirmed is None or confirmed < timezone.now() - FRESH):
        query = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('account_reauthenticate')}?{query}")
    form = AskForm(request.POST or None, longest=covered.longest)
    if running is None and form.is_valid():
        try:
            running = services.ask_access(
                request.principal,
                subject,
                form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                confirmed_at=confirmed,
                duration=form.duration,
            )
        except NotConfirmedError as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("You have access now. Everything that you open is recorded."))
            return redirect(back or request.get_full_path())
    context = {"form": form, "named": named, "kind": covered.label, "running": running, "next": back}
    return render(request, "breakglass/ask.html", context, status=422 if form.errors else 200)


@require_POST
@member_view()
def end(request: MemberRequest, grant_id: UUID) -> HttpResponse:
    """End one's own access before its time."""
    try:
        services.end_grant(request.principal, grant_id)
    except BreakGlassError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Your access has ended."))
    return redirect("breakglass:ask", request.organisation.slug)


@require_safe
@never_cache
@member_view(Role.ADMINISTRATOR, Role.AUDITOR)
def reviews(request: MemberRequest) -> HttpResponse:
    """Show the queue of grants that wait for a review, and all others below."""
    organisation_id = request.organisation.pk
    waiting = list(queries.open_grants(organisation_id)[:PAGE_GRANTS])
    page = Paginator(queries.grants(organisation_id), PAGE_GRANTS).get_page(request.GET.get("page"))
    record(
        organisation_id=organisation_id,
        actor=request.principal.actor,
        action="breakglass.listed",
        object=Ref("queue", organisation_id),
        digests={"count": len(waiting) + len(page)},
    )
    context = {
        "queue": queries.queue(organisation_id),
        "waiting": _rows(waiting),
        "page": page,
        "rows": _rows(page),
        "kinds": covered_kinds().values(),
    }
    return render(request, "breakglass/reviews.html", context)


@never_cache
@member_view(Role.ADMINISTRATOR, Role.AUDITOR)
def review(request: MemberRequest, grant_id: UUID) -> HttpResponse:
    """Show one grant with its reason; administrators record a finding on those of others."""
    grant = get_object_or_404(queries.grants(request.organisation.pk), pk=grant_id)
    is_own = grant.person_id == request.user.pk
    may_review = request.principal.has_role(Role.ADMINISTRATOR) and not is_own
    form = ReviewForm(request.POST or None)
    if request.method == "POST":
        if not may_review:
            return _refused(request, grant.subject)
        if form.is_valid():
            services.review(request.principal, grant.pk, form.cleaned_data["verdict"], note=form.cleaned_data["note"])
            messages.success(request, _("Your finding is recorded."))
            return redirect("breakglass:reviews", request.organisation.slug)
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="breakglass.reason_read",
        subject=grant.subject,
        object=Ref("grant", grant.pk),
    )
    found = list(grant.reviews.all())
    names = _names({grant.person_id, *(one.reviewer_id for one in found)})
    context = {
        "row": _row(grant, names),
        "note": _words(grant),
        "findings": [(one, names.get(one.reviewer_id, ""), _words(one)) for one in found],
        "form": form,
        "may_review": may_review,
        "is_own": is_own,
        "purpose": permissions.PURPOSE,
    }
    return render(request, "breakglass/review.html", context, status=422 if form.errors else 200)


def confirmed_at(request: HttpRequest) -> datetime | None:
    """Return when the signed-in person last proved again who they are, in this session."""
    proofs = [proof for proof in get_authentication_records(request, request.user) if proof.get("reauthenticated")]
    return datetime.fromtimestamp(proofs[-1]["at"], tz=UTC) if proofs else None


def _own(request: MemberRequest) -> HttpResponse:
    own = list(queries.own_grants(request.principal)[:OWN_GRANTS])
    offered = [covered for kind, covered in covered_kinds().items() if permissions.may_ask(request.principal, kind)]
    return render(request, "breakglass/own.html", {"rows": _rows(own), "kinds": offered})


def _refused(request: MemberRequest, subject: Ref) -> HttpResponse:
    """Record the refusal and show it: an exception would take the record back with the transaction."""
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="breakglass.refused",
        subject=subject,
        outcome="denied",
    )
    return render(request, "403.html", status=403)


def _subject(written: str) -> Ref:
    kind, _colon, number = written.partition(":")
    try:
        covered_kind(kind)
        return Ref(kind, UUID(number))
    except (BreakGlassError, ValueError):
        raise Http404 from None


def _next(request: MemberRequest) -> str:
    """Return where the person came from when that is a page of this organisation, else nothing."""
    path = request.GET.get("next", "")
    own = path.startswith(f"/o/{request.organisation.slug}/")
    return path if own and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


def _names(people: Iterable[UUID]) -> dict[UUID, str]:
    return {person.pk: str(person) for person in Person.objects.filter(pk__in=set(people))}


def _rows(grants: Iterable[Grant]) -> list[Row]:
    found = list(grants)
    names = _names(grant.person_id for grant in found)
    return [_row(grant, names) for grant in found]


def _row(grant: Grant, names: dict[UUID, str]) -> Row:
    verdict = getattr(grant, "verdict", None)
    closed = verdict in (Verdict.JUSTIFIED, Verdict.NOT_JUSTIFIED)
    return Row(
        grant=grant,
        who=names.get(grant.person_id, ""),
        roles=", ".join(str(Role(code).label) if code in Role.values else code for code in grant.role.split(",")),
        kind=_kind_label(grant.subject_kind),
        state="active" if grant.is_active else "ended" if grant.ended_at else "expired",
        finding=str(Verdict(verdict).label) if verdict else "",
        overdue=not closed and grant.review_due_at < timezone.now(),
    )


def _kind_label(kind: str) -> str:
    known = covered_kinds().get(kind) or subject_kinds().get(kind)
    return str(known.label) if known else kind


def _words(row: Grant | Review) -> str | None:
    """Return a note; None once the subject was erased."""
    try:
        note: str | None = row.note
    except KeyDestroyedError:
        return None
    return note
