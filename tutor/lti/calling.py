"""Calling a platform's services, and what a failure means."""

from __future__ import annotations

from typing import Final

from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.service_connector import ServiceConnector
from requests import RequestException

from tutor.lti.outgoing import PlatformSession, RefusedAddressError
from tutor.lti.protocol import registration_of
from tutor.models import LtiPlatform

FAILURES: Final = (LtiException, RequestException, ValueError, TypeError, KeyError, AttributeError)
"""What a call raises when the platform is away, refuses, or answers nonsense."""
# Refused as things stand: the same again would be refused again.
_FOR_GOOD: Final = frozenset({400, 401, 403, 404, 409, 422})


class Connector(ServiceConnector):
    """Calls one platform; its access token is kept for as long as the connector."""

    def __init__(self, platform: LtiPlatform) -> None:
        super().__init__(registration_of(platform), PlatformSession(platform))
        self._tokens: dict[str, str] = {}

    def _get_cached_access_token(self, scope_key: str) -> str | None:
        return self._tokens.get(scope_key)

    def _cache_access_token(self, scope_key: str, access_token: str, expires_in: float) -> None:
        self._tokens[scope_key] = access_token


def code_of(error: Exception) -> str:
    """Name a failure: "address", "refused" for good, or "away", which is worth another try."""
    if isinstance(error, RefusedAddressError):
        return "address"
    if isinstance(error, LtiServiceException) and error.response.status_code in _FOR_GOOD:
        return "refused"
    return "away"
