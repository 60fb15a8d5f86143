"""Requests to a learning platform: over https, to its registered addresses alone, bounded in size and time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from llmasos.runtime.addresses import PrivateAddressError, is_allowed, place_of
from tutor.models import LtiPlatform

MOST_BYTES: Final = 4 * 1024 * 1024
_CONNECT_SECONDS: Final = 5
_READ_SECONDS: Final = 10
_ALL_SECONDS: Final = 30


class RefusedAddressError(requests.RequestException):
    """An address that is not the platform's, is not https, or is within a network that may not be asked."""


class OverlongAnswerError(requests.RequestException):
    """An answer that is larger, or takes longer, than we wait for."""


def is_of(platform: LtiPlatform, address: str) -> bool:
    """Whether an address is allowed and of one of the platform's registered origins."""
    given = (
        platform.issuer, platform.key_set_url, platform.authorisation_url, platform.token_url, platform.service_url,
    )  # fmt: skip
    return is_allowed(address) and _origin(address) in _origins(given)


class _ToCheckedPlace(HTTPAdapter):
    """Connects to the place in the network that was looked at, under the name that was asked for."""

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        named, is_secure = host["host"], host["scheme"] == "https"
        try:
            host["host"] = place_of(named, host["port"] or (443 if is_secure else 80))
        except PrivateAddressError as error:
            raise RefusedAddressError("an address in a private network") from error
        except (OSError, UnicodeError) as error:
            raise requests.ConnectionError("nobody knows the host") from error
        if is_secure:
            pool |= {"server_hostname": named, "assert_hostname": named}
        request.headers["Host"] = urlsplit(str(request.url)).netloc
        return host, pool


class PlatformSession(requests.Session):
    """A session that asks one platform and nobody else. Redirects are not followed."""

    def __init__(self, platform: LtiPlatform) -> None:
        super().__init__()
        self._platform = platform
        self.headers["User-Agent"] = "LLMasOS"
        for scheme in ("https://", "http://"):
            self.mount(scheme, _ToCheckedPlace())

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask, and read the answer whole.

        Raises:
            RefusedAddressError: the address is not registered for the platform, or is in a private network.
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
