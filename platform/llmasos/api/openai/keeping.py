"""Answers that a client may ask for again: by an idempotency key, and in streams by the last event that it got."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from llmasos.api.openai.errors import RefusedError
from llmasos.api.repeating import HEADER, LONGEST_KEY

LAST_EVENT = "Last-Event-ID"


@dataclass(frozen=True, slots=True)
class Kept:
    """A request whose answer is kept. `digest` is of its address and body; `position` is 0 from the beginning."""

    key: str
    digest: str
    position: int


def asked_to_keep(request: HttpRequest) -> Kept | None:
    """Return what a request's headers say; None without a key. Raises RefusedError."""
    key, last = request.headers.get(HEADER, ""), request.headers.get(LAST_EVENT, "")
    if not key:
        if last:
            raise RefusedError(
                _("Only a stream that was asked for with an Idempotency-Key can be resumed: send that key again."),
                code="missing_idempotency_key",
                param=HEADER,
            )
        return None
    if len(key) > LONGEST_KEY:
        raise RefusedError(
            _("An idempotency key has at most %(most)d characters.") % {"most": LONGEST_KEY},
            code="invalid_value",
            param=HEADER,
        )
    if last and not (last.isascii() and last.isdecimal() and len(last) < 10):
        raise RefusedError(_("Last-Event-ID is the number of an event."), code="invalid_value", param=LAST_EVENT)
    digest = hashlib.sha256(request.path.encode() + b"\0" + request.body).hexdigest()
    return Kept(key, digest, int(last or 0))
