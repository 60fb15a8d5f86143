"""The organisation's log, for administrators and auditors. Reading it is itself recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from llmasos.accounts.models import Person, Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit import queries
from llmasos.audit.models import Entry, Outcome
from llmasos.audit.registry import actions
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.audit.verification import verify

PAGE_ENTRIES = 50
# Verification recomputes some ten thousand entries a second on two cores: this many take less than two seconds.
VERIFIED_IN_PAGE = 15_000


class LogFilter(forms.Form):
    action = forms.ChoiceField(label=gettext_lazy("Action"), required=False)
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"), choices=[("", gettext_lazy("Any")), *Outcome.choices], required=False
    )
    actor = forms.UUIDField(label=gettext_lazy("Actor (id)"), required=False)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To, inclusive"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        field = self.fields["action"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Any")), *((code, str(action.label)) for code, action in actions().items())]


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the page shows it: ``actor`` is a name where the person is known here."""

    entry: Entry
    actor: str
    seq: int | None


@member_view(Role.ADMINISTRATOR, Role.AUDITOR)
def log(request: MemberRequest) -> HttpResponse:
    organisation_id = request.organisation.pk
    form = LogFilter(request.GET)
    found = queries.entries(organisation_id).none()
    if form.is_valid():
        zone = ZoneInfo(request.organisation.time_zone)
        found = queries.entries(
            organisation_id,
            action=form.cleaned_data["action"],
            actor_id=form.cleaned_data["actor"],
            outcome=form.cleaned_data["outcome"],
            since=_midnight(form.cleaned_data["since"], zone),
            until=_midnight(form.cleaned_data["until"], zone, days=1),
        )
    page = Paginator(found, PAGE_ENTRIES).get_page(request.GET.get("page"))
    rows = _rows(page)
    record(
        organisation_id=organisation_id,
        actor=request.principal.actor,
        action="audit.read",
        object=Ref("log", organisation_id),
        digests={"count": len(rows)},
    )
    context = {"form": form, "page": page, "rows": rows, "state": queries.log_state(organisation_id)}
    return render(request, "console/audit_log.html", context, status=200 if form.is_valid() else 422)


@member_view(Role.ADMINISTRATOR, Role.AUDITOR)
@require_POST
def verify_now(request: MemberRequest) -> HttpResponse:
    organisation_id = request.organisation.pk
    if queries.log_state(organisation_id).entries > VERIFIED_IN_PAGE:
        messages.warning(
            request,
            _(
                "This log has more than %(count)d entries, which takes longer than a page should."
                " Verify it on the machine: manage.py audit verify --organisation %(slug)s"
            )
            % {"count": VERIFIED_IN_PAGE, "slug": request.organisation.slug},
        )
        return redirect("audit:log", request.organisation.slug)
    result = verify(organisation_id)
    record(
        organisation_id=organisation_id,
        actor=request.principal.actor,
        action="audit.verified",
        object=Ref("log", organisation_id),
        outcome="success" if result.ok else "failure",
        digests={"entries": result.entries, "faults": len(result.faults)},
    )
    if result.ok:
        said = ngettext(
            "%(count)d entry recomputed: it is as it was written.",
            "%(count)d entries recomputed: every one is as it was written.",
            result.entries,
        )
        messages.success(request, said % {"count": result.entries})
    for fault in result.faults[:10]:
        messages.error(
            request,
            _("Not as written: %(kind)s, numbers %(first)d to %(last)d, suspect since %(since)s.")
            % {
                "kind": fault.kind,
                "first": fault.from_seq,
                "last": fault.to_seq,
                "since": fault.since or _("the beginning"),
            },
        )
    return redirect("audit:log", request.organisation.slug)


def _midnight(day: date | None, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=days), time(), tzinfo=zone)


def _rows(page: Page[Entry]) -> list[Row]:
    people: set[UUID] = {
        entry.actor_id for entry in page if entry.actor_kind == "person" and entry.actor_id is not None
    }
    names = {person.pk: str(person) for person in Person.objects.filter(pk__in=people)}
    return [
        Row(
            entry,
            names.get(entry.actor_id, "") if entry.actor_id else "",
            entry.position.seq if hasattr(entry, "position") else None,
        )
        for entry in page
    ]
