"""The log, filtered. Reading it is itself recorded."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest
from llmasos.accounts.queries import members
from llmasos.audit import queries
from llmasos.console.log.access import log_view, record_reading
from llmasos.console.log.checks import last_check
from llmasos.console.log.filters import LogFilter, page_of
from llmasos.console.log.words import rows_of
from llmasos.console.queries import unverified_logs
from llmasos.console.regions import unverified_words

_MARKS = ("newer", "older")


def _log(request: MemberRequest) -> HttpResponse:
    organisation_id = request.organisation.pk
    people = [(str(member.person.pk), str(member.person)) for member in members(organisation_id)]
    form = LogFilter(request.GET, people=people)
    page = page_of(
        form.entries(organisation_id),
        newer_than=request.GET.get("newer", ""),
        older_than=request.GET.get("older", ""),
    )
    rows = rows_of(page.entries)
    wanted = {name: value for name, value in request.GET.items() if value and name not in _MARKS}
    one = form.cleaned_data.get("subject") if form.is_valid() else None
    record_reading(
        request,
        page="log",
        subject=queries.subject_of(organisation_id, one.id) if one and one.id else None,
        digests={"count": len(rows), "filter": sorted(name for name in wanted if name in form.fields)},
    )
    context = {
        "form": form,
        "rows": rows,
        "newer": urlencode({**wanted, "newer": page.newer}) if page.newer else "",
        "older": urlencode({**wanted, "older": page.older}) if page.older else "",
        "filtered": bool(wanted),
        "download": urlencode(wanted) if form.is_valid() and form.selection() is not None else None,
        "state": queries.log_state(organisation_id),
        "check": last_check(organisation_id),
        "unverified": unverified_words(unverified_logs(organisation_id).values()),
    }
    return render(request, "console/log/explorer.html", context, status=200 if form.is_valid() else 422)


log = require_safe(log_view(_log))
