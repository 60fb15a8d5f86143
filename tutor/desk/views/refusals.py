"""What the marking services refuse, as answers to the browser."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from llmasos.accounts.permissions import MemberRequest
from tutor.marking.errors import LockedError, MarkConflictError, MarkingError


def status_of(error: MarkingError) -> int:
    """Return the status of a refusal: 409 where somebody else was there first, 423 under a lock, else 422."""
    if isinstance(error, LockedError):
        return 423
    return 409 if isinstance(error, MarkConflictError) or error.code in {"answer_changed", "preview_changed"} else 422


def refused_as_json(error: MarkingError) -> JsonResponse:
    return JsonResponse({"code": error.code, "message": str(error)}, status=status_of(error))


def wants_json(request: MemberRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def say_and_go(request: MemberRequest, error: MarkingError | None, *, done: str = "", to: str) -> HttpResponse:
    """Say what happened on the page at ``to``, or at the address of this organisation in the form's "next"."""
    if error is not None:
        messages.error(request, str(error))
    elif done:
        messages.success(request, done)
    return redirect(next_address(request, to))


def next_address(request: MemberRequest, fallback: str) -> str:
    wanted: Any = request.POST.get("next", "")
    own = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if own else fallback
