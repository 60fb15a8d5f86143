"""Public keys that another system publishes at an address (JWKS): asked over https, bounded, kept for minutes.

Only registered addresses are asked, and no redirect is followed. An address within a network that is not public is
asked only where the operator allows the network (``LLMASOS_PRIVATE_NETWORKS``); plain http is for this machine alone,
likewise.
"""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from clinical_assist.fhir.keys import key_set_problem
from llmasos.inference.valkey import UNREACHABLE, client

KEPT_SECONDS: Final = 300
"""How long a key that its owner has withdrawn is still taken."""
ASKED_A_MINUTE: Final = 6
"""How often an address is asked at most: what strangers send makes us ask."""
_MOST_BYTES: Final = 128 * 1024
_CONNECT_SECONDS: Final = 3.0
_ALL_SECONDS: Final = 5.0
_HERE: Final = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "::1"}


class KeySetAwayError(Exception):
    """There is no key set at the address now, or it was asked too often."""


class PrivateAddressError(KeySetAwayError):
    """The address is within a network that is not public and that the operator has not allowed."""


def is_allowed(address: str) -> bool:
    """Whether an address is one that we would ever ask: https, or this machine if allowed, and no password in it."""
    try:
        parts = urlsplit(address)
        here = parts.hostname in _HERE and _may_be_asked(ip_address(_HERE[parts.hostname]))
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
        # The place that was looked at is the one that is asked: the name may lead elsewhere a moment later.
        timeout = httpx.Timeout(_ALL_SECONDS, connect=_CONNECT_SECONDS)
        with (
            httpx.Client(timeout=timeout, follow_redirects=False) as asking,
            asking.stream(
                "GET",
                named.copy_with(host=_place(named)),
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
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise KeySetAwayError from error
    if key_set_problem(found):
        raise KeySetAwayError
    return {"keys": found["keys"]}


def _place(address: httpx.URL) -> str:
    """Return the network address of a host. Raises PrivateAddressError, KeySetAwayError where the host is unknown."""
    try:
        found = socket.getaddrinfo(address.host, address.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise KeySetAwayError from error
    places = list(dict.fromkeys(str(place[0]) for *_, place in found))
    if not all(_may_be_asked(ip_address(one)) for one in places):
        raise PrivateAddressError
    return places[0]


def _may_be_asked(place: IPv4Address | IPv6Address) -> bool:
    place = getattr(place, "ipv4_mapped", None) or place
    is_public = place.is_global and not place.is_multicast
    return is_public or any(place in network for network in settings.PRIVATE_NETWORKS)


def _may_ask(place: str) -> bool:
    asked = f"{place}:asked"
    with client().pipeline(transaction=False) as pipeline:
        pipeline.incr(asked)
        # Each time: a count that lapsed between the two would else stay for good.
        pipeline.expire(asked, 60, nx=True)
        return int(pipeline.execute()[0]) <= ASKED_A_MINUTE
