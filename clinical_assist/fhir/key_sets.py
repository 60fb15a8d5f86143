"""Public keys that another system publishes at an address (JWKS): asked over https, bounded, kept for minutes.

Only registered addresses are asked, and no redirect is followed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx

from clinical_assist.fhir.keys import key_set_problem
from llmasos.inference.valkey import UNREACHABLE, client
from llmasos.runtime.addresses import PrivateAddressError, is_allowed, place_of

KEPT_SECONDS: Final = 300
"""How long a key that its owner has withdrawn is still taken."""
ASKED_A_MINUTE: Final = 6
"""How often an address is asked at most: what strangers send makes us ask."""
_MOST_BYTES: Final = 128 * 1024
_CONNECT_SECONDS: Final = 3.0
_ALL_SECONDS: Final = 5.0


class KeySetAwayError(Exception):
    """There is no key set at the address now, or it was asked too often."""


def key_set_at(address: str, *, again: bool = False) -> Mapping[str, Any]:
    """Return the key set at an address, as it was within the last ``KEPT_SECONDS``; ``again`` asks for it anew.

    Raises:
        KeySetAwayError: there is none, or it was asked too often.
    """
    place = f"llmasos:clinical:keys:{hashlib.sha256(address.encode()).hexdigest()}"
    try:
        kept = client().get(place)
        if kept is not None and not again:
            known: Mapping[str, Any] = json.loads(kept)
            return known
        if not _may_ask(place):
            raise KeySetAwayError
        found = fetch(address)
        client().set(place, json.dumps(found), ex=KEPT_SECONDS)
    except (PrivateAddressError, *UNREACHABLE) as error:
        raise KeySetAwayError from error
    return found


def fetch(address: str) -> Mapping[str, Any]:
    """Ask for the key set at an address. Call it outside of a transaction: an answer may take seconds.

    Raises:
        PrivateAddressError: it is within a network that may not be asked.
        KeySetAwayError: there is none that we could use.
    """
    if not is_allowed(address):
        raise KeySetAwayError
    ends, body = time.monotonic() + _ALL_SECONDS, bytearray()
    try:
        named = httpx.URL(address)
        timeout = httpx.Timeout(_ALL_SECONDS, connect=_CONNECT_SECONDS)
        with (
            httpx.Client(timeout=timeout, follow_redirects=False) as asking,
            asking.stream(
                "GET",
                named.copy_with(host=place_of(named.host, named.port or 443)),
                headers={"Accept": "application/json", "Host": named.netloc.decode()},
                extensions={"sni_hostname": named.host},
            ) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise KeySetAwayError
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MOST_BYTES or time.monotonic() > ends:
                    raise KeySetAwayError
        found = json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError) as error:
        raise KeySetAwayError from error
    if key_set_problem(found):
        raise KeySetAwayError
    return {"keys": found["keys"]}


def _may_ask(place: str) -> bool:
    asked = f"{place}:asked"
    with client().pipeline(transaction=False) as pipeline:
        pipeline.incr(asked)
        # Each time: a count that lapsed between the two would else stay for good.
        pipeline.expire(asked, 60, nx=True)
        return int(pipeline.execute()[0]) <= ASKED_A_MINUTE
