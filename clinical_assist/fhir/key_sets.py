"""Public keys that another system publishes at an address (JWKS): asked over https, bounded, kept for minutes.

Only registered addresses are asked, and no redirect is followed. Plain http is for this machine alone.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from clinical_assist.fhir.keys import key_set_problem
from llmasos.inference.valkey import UNREACHABLE, client

KEPT_SECONDS: Final = 300
"""How long a key that its owner has withdrawn is still taken."""
ASKED_A_MINUTE: Final = 6
"""How often an address is asked at most: what strangers send makes us ask."""
_MOST_BYTES: Final = 128 * 1024
_CONNECT_SECONDS: Final = 3.0
_ALL_SECONDS: Final = 5.0
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class KeySetAwayError(Exception):
    """There is no key set at the address now, or it was asked too often."""


def is_allowed(address: str) -> bool:
    """Whether an address is one that we would ever ask: https, or this machine, and no password in it."""
    try:
        parts = urlsplit(address)
        here = parts.hostname in _HERE
        _port = parts.port
    except ValueError:
        return False
    return (
        bool(parts.hostname)
        and parts.username is None
        and (parts.scheme == "https" or (parts.scheme == "http" and here))
    )


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
    except UNREACHABLE as error:
        raise KeySetAwayError from error
    return found


def fetch(address: str) -> Mapping[str, Any]:
    """Ask for the key set at an address. Raises KeySetAwayError where there is none that we could use."""
    if not is_allowed(address):
        raise KeySetAwayError
    ends, body = time.monotonic() + _ALL_SECONDS, bytearray()
    try:
        with httpx.stream(
            "GET",
            address,
            headers={"Accept": "application/json"},
            timeout=httpx.Timeout(_ALL_SECONDS, connect=_CONNECT_SECONDS),
            follow_redirects=False,
        ) as answer:
            if answer.status_code != httpx.codes.OK:
                raise KeySetAwayError
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MOST_BYTES or time.monotonic() > ends:
                    raise KeySetAwayError
        found = json.loads(body)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise KeySetAwayError from error
    if key_set_problem(found):
        raise KeySetAwayError
    return {"keys": found["keys"]}


def _may_ask(place: str) -> bool:
    asked = f"{place}:asked"
    with client().pipeline(transaction=False) as pipeline:
        pipeline.set(asked, 0, nx=True, ex=60)
        pipeline.incr(asked)
        return int(pipeline.execute()[1]) <= ASKED_A_MINUTE
