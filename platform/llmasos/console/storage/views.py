"""Storage: of the installation, and of one organisation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.console import queries as console
from llmasos.console.access import OperatorRequest, operator_view, prompt
from llmasos.console.storage import queries
from llmasos.privacy.processing import record_of_processing

# Warned of well before there is so little that `up` refuses to start (500 MiB).
LOW_BYTES = 2 * 1024**3


@require_safe
@operator_view
def platform(request: OperatorRequest) -> HttpResponse:
    """Show an operator where the room goes."""
    disk = queries.disk()
    context = {
        "disk": disk,
        "low": disk.free < LOW_BYTES,
        "folders": queries.folders(),
        "database": queries.database(),
        "valkey_bytes": queries.valkey_bytes(),
        "backups": queries.backups(),
        "last_backup": queries.last_backup(),
    }
    return render(request, "console/storage/platform.html", context)


@require_safe
@member_view(Role.ADMINISTRATOR)
@prompt
def own(request: MemberRequest) -> HttpResponse:
    """Show an administrator what their organisation holds, in numbers."""
    stores = record_of_processing(request.organisation).activities
    counted = sorted((store for store in stores if store.things is not None), key=lambda one: -(one.things or 0))
    context = {"stores": counted, "collections": console.knowledge(request.organisation.pk)}
    return render(request, "console/storage/own.html", context)
