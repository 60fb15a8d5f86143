"""The lock of an idle screen: who did nothing for five minutes proves who they are before a record is shown again.

The page's own script covers it; what is here holds without the script too. A sign-in, or the platform's
reauthentication, opens it.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from django.http import HttpRequest

from llmasos.privacy.breakglass.views import confirmed_at

IDLE: Final = timedelta(minutes=5)
_SEEN: Final = "clinical_seen"
_LOCKED: Final = "clinical_locked"
# The moment of the last activity is written every few seconds at most: not every request costs a write.
_RESOLUTION_SECONDS: Final = 10


def is_locked(request: HttpRequest) -> bool:
    """Return whether the screen was locked, or the reader idle for too long, without a proof since who they are."""
    seen, locked = request.session.get(_SEEN), request.session.get(_LOCKED)
    confirmed = confirmed_at(request)
    proved = confirmed.timestamp() if confirmed else 0.0
    if isinstance(locked, float) and proved < locked:
        return True
    return isinstance(seen, int) and time.time() - max(seen, proved) > IDLE.total_seconds()


def lock_now(request: HttpRequest) -> None:
    """Lock at once: the page covered itself, and only a proof opens it."""
    request.session[_LOCKED] = time.time()


def note_activity(request: HttpRequest) -> None:
    """Note that the reader is there. A page that refreshes itself in the background is no activity."""
    if request.method == "GET" and request.headers.get("HX-Request") == "true":
        return
    now = int(time.time())
    seen = request.session.get(_SEEN)
    if not isinstance(seen, int) or now - seen >= _RESOLUTION_SECONDS:
        request.session[_SEEN] = now
