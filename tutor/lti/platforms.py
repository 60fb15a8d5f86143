"""Registrations of learning platforms: added, changed and removed by administrators."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from jwcrypto.jwk import JWK

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.errors import CourseError
from tutor.models import LtiPlatform


def platforms(principal: Principal) -> QuerySet[LtiPlatform]:
    """Return the organisation's registered platforms. Raises PermissionDenied."""
    _require(principal)
    return LtiPlatform.objects.for_organisation(principal.organisation_id)


def save_platform(principal: Principal, values: Mapping[str, Any], *, platform_id: UUID | None = None) -> LtiPlatform:
    """Register a platform, with a key of its own, or change one.

    Raises:
        LtiPlatform.DoesNotExist, PermissionDenied.
        CourseError: another registration has the same issuer and client id.
    """
    with acting_in(principal.organisation_id):
        known = platforms(principal)
        new = LtiPlatform(organisation_id=principal.organisation_id)
        platform = new if platform_id is None else known.get(pk=platform_id)
        for name, value in values.items():
            setattr(platform, name, value)
        same = known.filter(issuer=platform.issuer, client_id=platform.client_id)
        if same.exclude(pk=platform.pk).exists():
            raise CourseError(_("There is a registration with this issuer and client id already."))
        if platform_id is None:
            platform.private_key = _new_key()
        platform.save()
        _record(principal, platform, "tutor.lti_platform_saved")
        return platform


def remove_platform(principal: Principal, platform_id: UUID) -> None:
    """Remove a platform with its links to classes and accounts; courses, learners and marks stay.

    Raises:
        LtiPlatform.DoesNotExist, PermissionDenied.
    """
    with acting_in(principal.organisation_id):
        platform = platforms(principal).get(pk=platform_id)
        _record(principal, platform, "tutor.lti_platform_removed")
        platform.delete()


def key_set(organisation_id: UUID) -> dict[str, Any]:
    """Return the public halves of the organisation's keys as a JSON Web Key Set (RFC 7517). Inside ``acting_in``."""
    keys = [JWK.from_pem(one.private_key.encode()) for one in LtiPlatform.objects.for_organisation(organisation_id)]
    return {"keys": [{**json.loads(key.export_public()), "alg": "RS256", "use": "sig"} for key in keys]}


def public_key(platform: LtiPlatform) -> str:
    """Return the public half of a platform's key (PEM)."""
    return str(JWK.from_pem(platform.private_key.encode()).export_to_pem().decode())


def _new_key() -> str:
    key = JWK.generate(kty="RSA", size=2048)
    return str(key.export_to_pem(private_key=True, password=None).decode())


def _require(principal: Principal) -> None:
    if principal.kind != "system" and not principal.has_role("administrator"):
        raise PermissionDenied("learning platforms are registered by administrators")


def _record(principal: Principal, platform: LtiPlatform, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("lti_platform", platform.pk),
    )
