"""How often one key may ask. Counted in Valkey, so that all web processes share the count."""

from __future__ import annotations

import time

from llmasos.accounts.principals import Principal
from llmasos.inference.valkey import UNREACHABLE, client

REQUESTS_PER_MINUTE = 6_000
_MINUTE = 60


class TooManyRequestsError(Exception):
    """The key has used up this minute. `retry_after` counts seconds to the next."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"again in {retry_after:.0f} s")
        self.retry_after = retry_after


def count_request(principal: Principal) -> None:
    """Count one request. Raises TooManyRequestsError; counts nothing while Valkey is away."""
    minute, passed = divmod(time.time(), _MINUTE)
    key = f"llmasos:requests:{principal.organisation_id}:{principal.kind}:{principal.id}:{minute:.0f}"
    try:
        with client().pipeline(transaction=False) as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, 2 * _MINUTE)
            used = pipeline.execute()[0]
    except UNREACHABLE:
        return
    if int(used) > REQUESTS_PER_MINUTE:
        raise TooManyRequestsError(_MINUTE - passed)
