"""A write that is sent twice has one effect: its reply is kept under the caller's idempotency key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from llmasos.accounts.principals import Principal
from llmasos.api.models import KeptReply

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
KEPT: Final = timedelta(days=1)
LONGEST_KEY: Final = 200


class KeyUsedError(exceptions.APIException):
    """The key came before, with another request."""

    status_code = 409
    default_code = "idempotency_key_used"


def once(request: Request, principal: Principal, act: Callable[[], Response]) -> Response:
    """Do a write, or give back what it answered under the same key within a day. Inside ``acting_in``.

    The key's row is written in the transaction of the change: a second request waits for the first, and one that
    failed leaves nothing behind and may be sent again.

    Raises:
        ParseError: the key is too long.
        KeyUsedError: the key came with another request.
    """
    key = request.headers.get(HEADER, "")
    if not key or principal.id is None:
        return act()
    if len(key) > LONGEST_KEY:
        raise exceptions.ParseError(_("An idempotency key has at most %(most)d characters.") % {"most": LONGEST_KEY})
    replies = KeptReply.objects.for_organisation(principal.organisation_id)
    forget(principal.organisation_id)
    digest = _digest(request)
    kept, is_new = replies.get_or_create(
        organisation_id=principal.organisation_id,
        actor_kind=principal.kind,
        actor_id=principal.id,
        key=key,
        defaults={"request_digest": digest},
    )
    if not is_new:
        if kept.request_digest != digest:
            raise KeyUsedError(_("This idempotency key came with another request. Send a new one."))
        return Response(kept.body, status=kept.status, headers={REPLAYED: "true"})
    response = act()
    kept.status, kept.body = response.status_code, response.data
    kept.save(update_fields=["status", "body"])
    return response


def forget(organisation_id: UUID) -> None:
    """Delete replies that are older than a day. Inside ``acting_in``."""
    KeptReply.objects.for_organisation(organisation_id).filter(created_at__lt=timezone.now() - KEPT).delete()


def _digest(request: Request) -> str:
    sent = [request.method, request.get_full_path(), request.data]
    return hashlib.sha256(json.dumps(sent, sort_keys=True, default=str).encode()).hexdigest()
