"""Requests to a learning platform: over https, to its registered addresses alone, bounded in size and time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from tutor.models import LtiPlatform

MOST_BYTES: Final = 4 * 1024 * 1024
_CONNECT_SECONDS: Final = 5
_READ_SECONDS: Final = 10
_ALL_SECONDS: Final = 30
PLAIN_HOSTS: frozenset[str] = frozenset()
"""Hosts that may be asked without TLS: none. Tests name the loopback address here."""


class RefusedAddressError(requests.RequestException):
    """An address that is not the platform's, or is not https."""


class OverlongAnswerError(requests.RequestException):
    """An answer that is larger, or takes longer, than we wait for."""


def is_allowed(address: str) -> bool:
    """Whether an address is one that we would ever ask: https, with a host and without a password in it."""
    parts = urlsplit(address)
    scheme_fits = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in PLAIN_HOSTS)
    return scheme_fits and bool(parts.hostname) and parts.username is None


def is_of(platform: LtiPlatform, address: str) -> bool:
    """Whether an address is allowed and of one of the platform's registered origins."""
    given = (
        platform.issuer, platform.key_set_url, platform.authorisation_url, platform.token_url, platform.service_url,
    )  # fmt: skip
    return is_allowed(address) and _origin(address) in _origins(given)


class PlatformSession(requests.Session):
    """A session that asks one platform and nobody else. Redirects are not followed."""

    def __init__(self, platform: LtiPlatform) -> None:
        super().__init__()
        self._platform = platform
        self.headers["User-Agent"] = "LLMasOS"

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask, and read the answer whole.

        Raises:
            RefusedAddressError: the address is not registered for the platform.
            OverlongAnswerError: the answer is too large or too slow.
            requests.RequestException: the platform cannot be reached.
        """
        if not is_of(self._platform, str(url)):
            raise RefusedAddressError("not an address of the platform")
        kwargs |= {"timeout": (_CONNECT_SECONDS, _READ_SECONDS), "allow_redirects": False, "stream": True}
        ends = time.monotonic() + _ALL_SECONDS
        response = super().request(str(method), str(url), *args, **kwargs)
        body = bytearray()
        for piece in response.iter_content(64 * 1024):
            body += piece
            if len(body) > MOST_BYTES or time.monotonic() > ends:
                response.close()
                raise OverlongAnswerError("the answer is too large or too slow")
        response._content = bytes(body)  # noqa: SLF001 - where requests keeps what was read
        return response


def _origins(addresses: Iterable[str]) -> set[tuple[str, str]]:
    return {_origin(one) for one in addresses if one}


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()
