"""Which of the addresses that people here name the platform itself asks, and at which place in the network.

An address within a network that is not public is asked only where the operator allows the network
(``LLMASOS_PRIVATE_NETWORKS``); plain http is for this machine alone, likewise. Else whoever may name an address could
look around in the operator's network.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

_HERE: Final = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "::1"}


class PrivateAddressError(Exception):
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


def place_of(host: str, port: int) -> str:
    """Return the network address of a host. Connect to this one: the name may lead elsewhere a moment later.

    Raises:
        PrivateAddressError: it is within a network that may not be asked.
        OSError, UnicodeError: nobody knows the host.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    places = list(dict.fromkeys(str(place[0]) for *_, place in found))
    if not all(_may_be_asked(ip_address(one)) for one in places):
        raise PrivateAddressError
    return places[0]


def leads_inside(address: str) -> bool:
    """Whether an address leads into a network that may not be asked; not where nobody knows its host."""
    parts = urlsplit(address)
    try:
        place_of(parts.hostname or "", parts.port or 443)
    except PrivateAddressError:
        return True
    except (OSError, UnicodeError):
        return False
    return False


def _may_be_asked(place: IPv4Address | IPv6Address) -> bool:
    place = getattr(place, "ipv4_mapped", None) or place
    is_public = place.is_global and not place.is_multicast
    return is_public or any(place in network for network in settings.PRIVATE_NETWORKS)
