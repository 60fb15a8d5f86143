"""API keys for views of the platform's API."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from llmasos.accounts.errors import KeyRefusedError
from llmasos.accounts.permissions import record_denial
from llmasos.accounts.principals import Principal
from llmasos.accounts.services import authenticate_key
from llmasos.api.access import NoKeyError, secret_of
from llmasos.api.limits import TooManyRequestsError, count_request


class KeyUser:
    """What `request.user` is for a program: nobody's account, only a principal."""

    is_authenticated = True
    is_anonymous = False
    is_active = True

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.pk = principal.id


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`; `request.auth` becomes the principal."""

    def authenticate(self, request: Request) -> tuple[KeyUser, Principal] | None:
        try:
            principal = authenticate_key(secret_of(request.headers))
        except NoKeyError:
            return None
        except KeyRefusedError:
            raise exceptions.AuthenticationFailed(
                _("This API key is not valid: it is unknown, revoked or has expired.")
            ) from None
        return KeyUser(principal), principal

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="LLMasOS"'


class HasScope(BasePermission):
    """The key has the scope that the view names in `required_scope`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, Principal):
            return False
        scope = getattr(view, "required_scope", None)
        if scope is None or scope in request.auth.scopes:
            return True
        record_denial(request, request.auth)
        return False


class KeyThrottle(BaseThrottle):
    """The same count of requests a key that /v1 uses."""

    _wait: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, Principal):
            try:
                count_request(request.auth)
            except TooManyRequestsError as error:
                self._wait = error.retry_after
                return False
        return True

    def wait(self) -> float | None:
        return self._wait


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the keys."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key of an organisation."}
