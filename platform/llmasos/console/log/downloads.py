"""Taking the log, or the filtered part of it, away as a file."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest
from llmasos.audit.downloads import download
from llmasos.audit.errors import UnprovableError
from llmasos.audit.exports import FORMATS, Kind, export
from llmasos.console.log.access import log_view
from llmasos.console.log.filters import LogFilter


def _file(request: MemberRequest, file_format: str) -> HttpResponseBase:
    form = LogFilter(request.GET, people=())
    if file_format not in FORMATS or not form.is_valid():
        raise Http404
    selection = form.selection()
    if selection is None:
        raise Http404
    try:
        found = export(
            organisation_id=request.organisation.pk,
            actor=request.principal.actor,
            selection=selection,
            kind=cast("Kind", file_format),
        )
    except UnprovableError:
        raise Http404 from None
    return download(found)


file = require_safe(log_view(_file))
