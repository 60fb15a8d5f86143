"""The two steps of an LTI 1.3 launch, checked with pylti1p3; state and nonce stay on our side and work once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import jwt
from django.utils.crypto import constant_time_compare, salted_hmac
from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment
from pylti1p3.exception import LtiException, OIDCException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.registration import Registration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract

from tutor.lti import pending
from tutor.lti.outgoing import PlatformSession
from tutor.lti.platforms import public_key
from tutor.models import LtiPlatform

_CLAIM: Final = "https://purl.imsglobal.org/spec/lti/claim/"
_MEMBERSHIPS: Final = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
_SCORES: Final = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
_MEMBERSHIP: Final = "http://purl.imsglobal.org/vocab/lis/v2/membership"
_LONGEST: Final = 255
# The library leaves the audience to its caller; what else must be there is said here.
_CHECKED: Final[Any] = {
    "verify_aud": False,
    "verify_iat": False,
    "require": ["exp", "iat", "iss", "aud", "sub", "nonce"],
}


class RefusedLaunchError(Exception):
    """A launch that is not accepted; ``code`` is for the log and says nothing about a person."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Launch:
    """What an accepted launch says. ``part`` is that in the class: "teacher", "assistant", "learner" or ""."""

    platform_id: str
    sub: str
    part: str
    deployment_id: str
    context_id: str
    context_title: str = ""
    name: str = ""
    email: str = ""
    resource_link_id: str = ""
    assignment_id: str = ""
    memberships_url: str = ""
    line_item_url: str = ""

    @property
    def platform(self) -> UUID:
        """Return the id of the platform that launched."""
        return UUID(self.platform_id)


def begin(platforms: list[LtiPlatform], parameters: Mapping[str, str], *, launch_url: str) -> tuple[str, str]:
    """Answer a login initiation: return the platform's address to go to, and the state that binds the browser.

    Raises:
        RefusedLaunchError: the issuer or client is not registered, or something is missing.
    """
    sessions, cookies = _States(platforms), _Cookies()
    login = _Login(_Parameters(parameters), _Platforms(platforms), session_service=sessions, cookie_service=cookies)
    login.pass_params_to_launch({"begun": True})
    try:
        return str(login.get_redirect_object(launch_url)), cookies.state
    except OIDCException as error:
        raise RefusedLaunchError("unregistered") from error


def accept(
    platforms: list[LtiPlatform], organisation_id: UUID, parameters: Mapping[str, str], *, bound_state: str
) -> Launch:
    """Check a launch and return what it says. ``bound_state`` is what the browser was given at the beginning.

    Raises:
        RefusedLaunchError: state or nonce are unknown or were used; or signature, issuer, audience, deployment,
            expiry or message are not what they must be.
    """
    state = parameters.get("state", "")
    known = pending.take("state", organisation_id, state) if state else None
    if known is None or not constant_time_compare(state, bound_state):
        raise RefusedLaunchError("state")
    config = _Platforms(platforms)
    message = _Message(_Parameters(parameters), config, session_service=_States(platforms), cookie_service=_Cookies())
    message.set_auto_validation(enable=False).set_jwt_verify_options(_CHECKED)
    for step, check in (
        ("format", message.validate_jwt_format),
        ("audience", message.validate_registration),
        ("signature", message.validate_signature),
        ("deployment", message.validate_deployment),
        ("message", message.validate_message),
    ):
        try:
            check()
        except (LtiException, jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise RefusedLaunchError(step) from error
    body = message.get_launch_data()
    if not message.is_resource_launch():
        raise RefusedLaunchError("message")
    if not constant_time_compare(str(body["nonce"]), known["nonce"]):
        raise RefusedLaunchError("nonce")
    audience = body["aud"]
    if isinstance(audience, list) and len(audience) > 1 and body.get("azp") != audience[0]:
        raise RefusedLaunchError("audience")
    return _launch(config.registered(body["iss"], message.get_client_id()), body)


def digest_of(platform_id: UUID | str, sub: str) -> str:
    """Return under what a platform's user is found."""
    return salted_hmac(f"tutor.lti:{platform_id}", sub, algorithm="sha256").hexdigest()


def registration_of(platform: LtiPlatform) -> Registration:
    """Return a platform as the library knows it, with our key."""
    found = Registration().set_issuer(platform.issuer).set_client_id(platform.client_id)
    found.set_key_set_url(platform.key_set_url).set_auth_login_url(platform.authorisation_url)
    found.set_auth_token_url(platform.token_url).set_tool_private_key(platform.private_key)
    return found.set_tool_public_key(public_key(platform))


def _launch(platform: LtiPlatform, body: Mapping[str, Any]) -> Launch:
    context = body.get(f"{_CLAIM}context") or {}
    link = body.get(f"{_CLAIM}resource_link") or {}
    custom = body.get(f"{_CLAIM}custom") or {}
    sub, context_id, link_id = str(body["sub"]), str(context.get("id", "")), str(link.get("id", ""))
    if not (sub and context_id and link_id) or max(len(sub), len(context_id), len(link_id)) > _LONGEST:
        raise RefusedLaunchError("incomplete")
    return Launch(
        platform_id=str(platform.pk),
        sub=sub,
        part=part_of([str(one) for one in body.get(f"{_CLAIM}roles") or []]),
        deployment_id=str(body[f"{_CLAIM}deployment_id"]),
        context_id=context_id,
        context_title=str(context.get("title") or context.get("label") or "")[:120],
        name=str(body.get("name") or "")[:200],
        email=str(body.get("email") or "")[:254],
        resource_link_id=link_id,
        assignment_id=str(custom.get("assignment", ""))[:36],
        memberships_url=str((body.get(_MEMBERSHIPS) or {}).get("context_memberships_url", ""))[:800],
        line_item_url=str((body.get(_SCORES) or {}).get("lineitem", ""))[:800],
    )


def part_of(roles: list[str]) -> str:
    """Return the part that the roles in the class give; roles in the whole institution give none."""
    if any(one.startswith(f"{_MEMBERSHIP}/Instructor#TeachingAssistant") for one in roles):
        return "assistant"
    short = {one.removeprefix(f"{_MEMBERSHIP}#") for one in roles}
    return "teacher" if "Instructor" in short else "learner" if "Learner" in short else ""


class _Parameters(Request):
    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = parameters

    def get_param(self, key: str) -> str:
        return self._parameters.get(key, "")

    def is_secure(self) -> bool:
        return True


class _Cookies(CookieService):
    """Takes the state that the library would set as a cookie; the view sets it."""

    state = ""

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        self.state = str(value)

    def get_cookie(self, name: str) -> None:
        """Give nothing: the view compares the state itself."""


class _States(SessionService):
    """Keeps the nonce under the state; a session of the browser's has no part in it."""

    def __init__(self, platforms: list[LtiPlatform]) -> None:
        self._organisation_id = platforms[0].organisation_id if platforms else None
        self._nonce = ""

    def save_nonce(self, nonce: str) -> None:
        self._nonce = nonce

    def save_state_params(self, state: str, params: dict[str, object]) -> None:
        if self._organisation_id is not None:
            pending.put("state", self._organisation_id, {**params, "nonce": self._nonce}, token=state)


class _Platforms(ToolConfAbstract[Any]):
    """The organisation's registrations, where the library looks for them."""

    def __init__(self, platforms: list[LtiPlatform]) -> None:
        self._platforms = platforms

    def platform(self, issuer: str, client_id: str) -> LtiPlatform | None:
        """Return a registration. Without a client id, as a login may be begun, the only one of the issuer."""
        of_issuer = [one for one in self._platforms if one.issuer == issuer]
        if not client_id and len(of_issuer) == 1:
            return of_issuer[0]
        return next((one for one in of_issuer if one.client_id == client_id), None)

    def registered(self, issuer: str, client_id: str) -> LtiPlatform:
        """As ``platform``. Raises RefusedLaunchError where there is none."""
        found = self.platform(issuer, client_id)
        if found is None:
            raise RefusedLaunchError("unregistered")
        return found

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        return True

    def find_registration_by_issuer(self, iss: str, *args: Any, **kwargs: Any) -> Any:
        return self.find_registration_by_params(iss, "")

    def find_registration_by_params(self, iss: str, client_id: str, *args: Any, **kwargs: Any) -> Any:
        platform = self.platform(iss, client_id)
        return registration_of(platform) if platform is not None else None

    def find_deployment(self, iss: str, deployment_id: str) -> Deployment | None:
        return self.find_deployment_by_params(iss, deployment_id, "")

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: Any, **kwargs: Any
    ) -> Deployment | None:
        platform = self.platform(iss, client_id)
        if platform is None or deployment_id not in platform.deployment_ids:
            return None
        return Deployment().set_deployment_id(deployment_id)


class _Login(OIDCLogin[Any, Any, Any, Any, Any]):
    def get_redirect(self, url: str) -> Any:
        return url


class _Message(MessageLaunch[Any, Any, Any, Any]):
    def _get_request_param(self, key: str) -> str:
        return str(self._request.get_param(key))

    def validate_signature(self) -> None:
        """Check signature and times with a key that is fetched from the platform's registered address."""
        platform = self._tool_config.registered(self.get_iss(), self.get_client_id())
        self._requests_session = PlatformSession(platform)
        self.validate_jwt_signature()
