"""Before somebody signs: whose record it is, typed once more, and a proof of late of who signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone

from clinical_assist.models import Patient

PROOF_HOLDS: Final = timedelta(minutes=15)
"""How long after a sign-in somebody may sign without saying again who they are."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What the signer typed to confirm the patient (the family name where no day of birth is recorded), and when they
    last proved who they are.
    """

    birth_date: date | None = None
    family_name: str = ""
    proved_at: datetime | None = None

    def is_of(self, patient: Patient) -> bool:
        """Whether what was typed is the patient's."""
        if patient.birth_date is not None:
            return bool(self.birth_date == patient.birth_date)
        return self.family_name.strip().casefold() == str(patient.family_name).strip().casefold()

    @property
    def is_proved(self) -> bool:
        """Whether the proof of who signs is young enough."""
        return proof_holds(self.proved_at)


def proof_holds(proved_at: datetime | None) -> bool:
    """Whether a proof of who somebody is is young enough to sign with."""
    return proved_at is not None and proved_at >= timezone.now() - PROOF_HOLDS
