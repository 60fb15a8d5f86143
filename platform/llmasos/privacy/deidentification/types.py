"""What can be found in a text, and one finding. Importing this needs neither spaCy nor Presidio."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class EntityType(models.TextChoices):
    PERSON = "person", _("Person's name")
    OCCUPATION = "occupation", _("Title or occupation")
    ORGANISATION = "organisation", _("Organisation")
    LOCATION = "location", _("Place")
    ADDRESS = "address", _("Address")
    POSTCODE = "postcode", _("Postcode")
    NATIONALITY = "nationality", _("Nationality, religion or group")
    DATE = "date", _("Date")
    AGE = "age", _("Age")
    EMAIL = "email", _("E-mail address")
    PHONE = "phone", _("Telephone number")
    URL = "url", _("Web address")
    NETWORK_ADDRESS = "network_address", _("Network address")
    CARD = "card", _("Payment card")
    ACCOUNT = "account", _("Bank or other account")
    NATIONAL_ID = "national_id", _("National or tax identifier")
    PASSPORT = "passport", _("Passport")
    LICENCE = "licence", _("Driving or professional licence")
    RECORD = "record", _("Medical record or member number")
    VEHICLE = "vehicle", _("Vehicle or number plate")
    DEVICE = "device", _("Device")
    SECRET = "secret", _("Password or key")
    KNOWN = "known", _("Known identifier of the person concerned")


STRUCTURED = frozenset(
    {
        EntityType.EMAIL,
        EntityType.CARD,
        EntityType.ACCOUNT,
        EntityType.NETWORK_ADDRESS,
        EntityType.NATIONAL_ID,
    }
)
"""Types whose form alone tells them: what is written out in full is always found."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Characters ``start`` to ``end`` (half open) hold personal data of a type.

    ``score`` from 0 to 1 says how sure the rule is: 1 for a check digit that is right. ``rule`` names what found it.
    """

    start: int
    end: int
    type: EntityType
    score: float
    rule: str

    @property
    def length(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Finding) -> bool:
        return self.start < other.end and other.start < self.end
