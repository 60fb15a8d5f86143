"""The decision-support services that other systems may call: which hook each answers, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

_OF = "patient={{context.patientId}}"
PREFETCH: Mapping[str, str] = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": f"Condition?{_OF}",
    "allergies": f"AllergyIntolerance?{_OF}",
    "medications": f"MedicationRequest?{_OF}&status=active,on-hold",
    "statements": f"MedicationStatement?{_OF}&status=active",
    "laboratory": f"Observation?{_OF}&category=laboratory&_sort=-date&_count=100",
    "vitals": f"Observation?{_OF}&category=vital-signs&_sort=-date&_count=50",
}


@dataclass(frozen=True, slots=True)
class Service:
    """One service of CDS Hooks; its id is the name of its hook, since there is one for each."""

    id: str
    title: Any
    description: Any

    def described(self) -> dict[str, Any]:
        """Return the service as the discovery endpoint lists it."""
        return {
            "hook": self.id,
            "id": self.id,
            "title": str(self.title),
            "description": str(self.description),
            "prefetch": dict(PREFETCH),
            "usageRequirements": str(_("Research software on synthetic data; not a medical device.")),
        }


SERVICES: Mapping[str, Service] = {
    one.id: one
    for one in (
        Service(
            "patient-view",
            _("What speaks against the present medicines"),
            _("Unknown allergies, what speaks against the medicines that are taken, and what is too old to check."),
        ),
        Service(
            "order-select",
            _("Checks of the medicine that is being chosen"),
            _("Allergies, interactions, duplicates, doses, kidneys, pregnancy, problems and laboratory values."),
        ),
        Service(
            "order-sign",
            _("Checks of all medicines before they are signed"),
            _("Allergies, interactions, duplicates, doses, kidneys, pregnancy, problems and laboratory values."),
        ),
    )
}
