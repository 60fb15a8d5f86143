from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from llmasos.accounts.tenancy import acting_in
from llmasos.privacy.deidentification.models import DEFAULT_THRESHOLD, Policy
from llmasos.privacy.deidentification.transforming import Treatment
from llmasos.privacy.deidentification.types import EntityType


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy as it is applied: version 0 is what holds until an organisation sets its own."""

    version: int = 0
    treatments: Mapping[str, str] = field(default_factory=dict)
    threshold: float = DEFAULT_THRESHOLD
    protects_outside: bool = True
    created_at: datetime | None = None

    def treatment(self, kind: str) -> str:
        return self.treatments.get(kind, DEFAULTS.get(kind, Treatment.SURROGATE))

    @property
    def all_treatments(self) -> dict[str, str]:
        return {kind: self.treatment(kind) for kind in EntityType.values}

    @property
    def types(self) -> tuple[str, ...]:
        """The types that are looked for."""
        return tuple(kind for kind, treatment in self.all_treatments.items() if treatment != Treatment.KEEP)


# A password has no honest surrogate, and a nationality's would mislead.
DEFAULTS: Mapping[str, str] = {EntityType.SECRET: Treatment.REDACT, EntityType.NATIONALITY: Treatment.REDACT}


def current_rules(organisation_id: UUID) -> Rules:
    """Return the organisation's newest policy, or the default."""
    with acting_in(organisation_id):
        policy = Policy.objects.for_organisation(organisation_id).first()
    return Rules() if policy is None else _rules(policy)


def versions(organisation_id: UUID, *, most: int = 20) -> list[Rules]:
    """Return the newest policies first."""
    with acting_in(organisation_id):
        return [_rules(policy) for policy in Policy.objects.for_organisation(organisation_id)[:most]]


def _rules(policy: Policy) -> Rules:
    return Rules(
        version=policy.version,
        treatments=policy.treatments,
        threshold=policy.threshold,
        protects_outside=policy.protects_outside,
        created_at=policy.created_at,
    )
