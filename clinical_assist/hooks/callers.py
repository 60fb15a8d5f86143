"""Systems that may call: registered by administrators with their public keys, and told by their signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from clinical_assist.fhir.assertions import RefusedAssertionError, issuer_of, verify
from clinical_assist.models import HookCaller
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref


def callers(principal: Principal) -> QuerySet[HookCaller]:
    """Return the organisation's registered callers. Raises PermissionDenied for all but administrators."""
    if principal.kind != "system" and not principal.has_role("administrator"):
        raise PermissionDenied("callers are registered by administrators")
    return active_callers(principal.organisation_id)


def active_callers(organisation_id: UUID) -> QuerySet[HookCaller]:
    """Return the callers that were not taken out. Inside ``acting_in``."""
    return HookCaller.objects.for_organisation(organisation_id).filter(revoked_at=None)


def add_caller(principal: Principal, values: Mapping[str, Any]) -> HookCaller:
    """Register a caller: ``name``, ``issuer``, ``key_set`` or ``key_set_url``, and ``origins``.

    Raises PermissionDenied.
    """
    with acting_in(principal.organisation_id):
        callers(principal)
        made = HookCaller.objects.create(
            organisation_id=principal.organisation_id,
            created_by_id=principal.id if principal.kind == "person" else None,
            **values,
        )
        _record(principal, made, "clinical.hook_caller_added")
        return made


def remove_caller(principal: Principal, caller_id: UUID) -> None:
    """Take a caller out at once. Raises HookCaller.DoesNotExist or PermissionDenied."""
    with acting_in(principal.organisation_id):
        found = callers(principal).get(pk=caller_id)
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        _record(principal, found, "clinical.hook_caller_removed")


def caller_of(organisation_id: UUID, authorisation: str, audiences: Sequence[str]) -> HookCaller:
    """Return who signed a call. Outside of ``acting_in``: keys may have to be asked for.

    Raises RefusedAssertionError.
    """
    scheme, _space, token = authorisation.partition(" ")
    if scheme.casefold() != "bearer" or not token.strip():
        raise RefusedAssertionError("missing")
    issuer = issuer_of(token.strip())
    with acting_in(organisation_id):
        found = active_callers(organisation_id).filter(issuer=issuer).first()
    if found is None:
        raise RefusedAssertionError("unregistered")
    verify(
        token.strip(),
        found,
        issuer=found.issuer,
        audiences=audiences,
        kind="caller",
        organisation_id=organisation_id,
    )
    return found


def actor_of(caller: HookCaller) -> Actor:
    """Return a caller as the log names it."""
    return Actor("hook_caller", caller.pk)


def _record(principal: Principal, caller: HookCaller, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("hook_caller", caller.pk),
    )
