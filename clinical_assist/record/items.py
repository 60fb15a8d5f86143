"""What an item of the record says. Each kind is one dataclass that goes to and from the sealed content of its row.

Dates are ISO texts (a day, or a time with its zone) as they were given: a record from elsewhere may know a year alone.
Units are UCUM codes. Codings are ``(system, code, display)`` with the systems' FHIR addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self

from clinical_assist.models import RecordItem

Coding = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What all kinds share: the name as people read it, its codings, and when it was true or seen."""

    name: str
    codings: tuple[Coding, ...] = ()
    on: str = ""
    note: str = ""

    def content(self) -> dict[str, Any]:
        """Return what the row keeps."""
        return asdict(self)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Read a row's content; what an older version did not know has its default."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in content.items() if name in known}
        if "codings" in values:
            values["codings"] = tuple((str(one[0]), str(one[1]), str(one[2])) for one in values["codings"])
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(Item):
    """A diagnosis or complaint; ``on`` is its onset."""

    status: Literal["active", "inactive", "resolved"] = "active"
    verification: Literal["confirmed", "provisional", "refuted", ""] = "confirmed"
    ended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allergy(Item):
    """A reaction to a substance. ``medicine`` is the name or class under which the checks know it, empty if none."""

    status: Literal["active", "inactive", "resolved"] = "active"
    category: Literal["medication", "food", "environment", "biologic", ""] = ""
    criticality: Literal["low", "high", "unable-to-assess", ""] = ""
    reaction: str = ""
    severity: Literal["mild", "moderate", "severe", ""] = ""
    medicine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication(Item):
    """A medicine that is or was taken; ``on`` is its start.

    ``medicine`` is the name under which the checks know it, empty where they do not; ``dose`` is at once, in ``unit``.
    """

    status: Literal["active", "stopped", "completed", "on-hold"] = "active"
    dose_text: str = ""
    medicine: str = ""
    dose: float | None = None
    unit: str = ""
    times_a_day: float | None = None
    route: str = ""
    ended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement(Item):
    """A vital sign or laboratory result; ``measure`` is our name of what was measured, empty where it has none.

    ``value`` in ``unit`` (UCUM) or ``text`` where the result is words. The range is in the same unit.
    """

    measure: str = ""
    value: float | None = None
    unit: str = ""
    text: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Item):
    """What else belongs to the history: procedures, immunisations, family, social, other."""

    topic: Literal["procedure", "immunisation", "family", "social", "pregnancy", "other"] = "other"
    status: str = ""


OF_KIND: Mapping[str, type[Item]] = {
    RecordItem.Kind.PROBLEM: Problem,
    RecordItem.Kind.ALLERGY: Allergy,
    RecordItem.Kind.MEDICATION: Medication,
    RecordItem.Kind.VITAL: Measurement,
    RecordItem.Kind.LABORATORY: Measurement,
    RecordItem.Kind.HISTORY: History,
}


def item_of(row: RecordItem) -> Item:
    """Return what a row says."""
    return OF_KIND[row.kind].of(row.content)
