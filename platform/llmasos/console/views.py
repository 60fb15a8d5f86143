"""The console: for operators of the installation and for administrators of one organisation."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.console import queries


@require_safe
@login_required
def platform(request: HttpRequest) -> HttpResponse:
    """Show an operator the whole installation."""
    if not request.user.is_operator:
        raise PermissionDenied
    return render(request, "console/platform.html", {"services": [queries.database_service(), queries.valkey_service()]})


@require_safe
@member_view(Role.ADMINISTRATOR)
def organisation(request: MemberRequest) -> HttpResponse:
    """Show an administrator what concerns their organisation."""
    return render(request, "console/organisation.html", {"services": [queries.database_service(), queries.valkey_service()]})
