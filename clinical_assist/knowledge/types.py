"""What a knowledge base holds: findings, conditions, red flags and the works they were written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

AGE_BANDS = ((0, 2), (2, 12), (12, 18), (18, 40), (40, 65), (65, 130))
SEXES = ("male", "female")
SEASONS = ("winter", "spring", "summer", "autumn")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person reports or an examiner sees.

    ``background`` is the share of people seen in primary care for something else who have it. A finding that only makes
    sense within another one (a throbbing headache) names that one as ``parent``: when it is there, so is its parent.
    ``phrases`` are the words that say it, ``normal`` those that say that it is not there ("eats well").
    Findings of one ``family`` tend to come together and share weight. Of those of one ``choice`` one can be true.
    ``kind`` is symptom, history (past, habits, exposures), sign (seen on examination), vital or course. A number called
    ``measure`` makes it present from ``at_least`` up or from ``at_most`` down.
    """

    code: str
    name: str
    background: float
    question: str = ""
    parent: str = ""
    family: str = ""
    choice: str = ""
    kind: str = "symptom"
    phrases: tuple[str, ...] = ()
    normal: tuple[str, ...] = ()
    measure: str = ""
    at_least: float | None = None
    at_most: float | None = None
    adults_only: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with P(finding | condition) for the findings that are typical of it.

    ``rate`` is relative: how often an adult is seen for it, in a unit that is the same for all conditions of the base.
    ``ages`` (one factor for each of ``AGE_BANDS``), ``sexes`` (male, female) and ``seasons`` scale it.
    """

    code: str
    name: str
    rate: float
    findings: Mapping[str, float]
    synonyms: tuple[str, ...] = ()
    icd10: tuple[str, ...] = ()
    ages: tuple[float, ...] = (1.0,) * len(AGE_BANDS)
    sexes: tuple[float, float] = (1.0, 1.0)
    seasons: tuple[float, ...] = (1.0,) * len(SEASONS)
    must_not_miss: bool = False
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RedFlag:
    """Urgent assessment is worth considering when all of ``every`` and, if given, one of ``some`` are present."""

    code: str
    name: str
    every: tuple[str, ...]
    source: str
    some: tuple[str, ...] = ()
    youngest: float = 0
    oldest: float = 130


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted on simulated cases: the temperature of chances, and the least fit that counts as known."""

    temperature: float = 1.0
    least_fit: float = 0.0


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One version of a knowledge base. ``noise``: the share of findings that have nothing to do with the condition."""

    name: str
    version: str
    findings: Mapping[str, Finding]
    conditions: tuple[Condition, ...]
    noise: float
    sources: Mapping[str, str] = field(default_factory=dict)
    red_flags: tuple[RedFlag, ...] = ()
    calibration: Calibration = Calibration()
    prior_weight: float = 1.0
    digest: str = ""


def age_band(age: float) -> int:
    """Return the number of the band in ``AGE_BANDS`` that holds an age in years."""
    return next((number for number, (_low, high) in enumerate(AGE_BANDS) if age < high), len(AGE_BANDS) - 1)
