"""How a finding stands in a text, and the words that say so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a finding stands in the text; the first that applies, in this order."""

    FAMILY = "family"
    ABSENT = "absent"
    PAST = "past"
    UNCERTAIN = "uncertain"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Cue:
    kind: str
    first: int
    last: int
