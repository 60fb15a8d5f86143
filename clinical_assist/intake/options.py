"""Options as the pages show them: chances in percent, what speaks for and against, and what would change most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import number_format

from clinical_assist.differential.model import Assessment, Contribution, Option
from clinical_assist.intake.case import Case
from clinical_assist.intake.engine import Engine
from clinical_assist.knowledge.types import Condition, Finding

LIKELY_SHOWN = 6
URGENT_SHOWN = 4
TELLING_SHOWN = 3
_REASONS_SHOWN = 6
_ASSESSED = 40
_NOTABLE = 0.01
# Less than this changes the odds by a twentieth: it would be read as 0.0.
_LEAST_WEIGHT = 0.05
# Less than this would be read as 0.0 percent.
_LEAST_SHARE = 0.0005
# More than this would be read as certain.
_MOST_SHARE = 0.995


@dataclass(frozen=True, slots=True)
class Reason:
    """A finding with what it adds to a condition, in natural logarithms."""

    finding: Finding
    present: bool
    weight: float


@dataclass(frozen=True, slots=True)
class ShownOption:
    """A condition as the page shows it."""

    condition: Condition
    chance: float
    before: float
    supporting: tuple[Reason, ...]
    opposing: tuple[Reason, ...]
    not_asked: tuple[Finding, ...]
    sources: tuple[str, ...]

    @property
    def chance_percent(self) -> str:
        return percent(self.chance)

    @property
    def before_percent(self) -> str:
        return percent(self.before)


@dataclass(frozen=True, slots=True)
class Telling:
    """A finding whose answer would change the picture most: the first option and its chance in percent, either way."""

    finding: Finding
    if_present: Condition
    present_percent: str
    if_absent: Condition
    absent_percent: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A differential as it is put before a reader."""

    assessment: Assessment
    likely: tuple[ShownOption, ...]
    urgent: tuple[ShownOption, ...]

    @property
    def options(self) -> tuple[ShownOption, ...]:
        return (*self.likely, *self.urgent)


def shown(case: Case, engine: Engine) -> Shown:
    """Return the likely options, and the must-not-miss ones that are not among them."""
    assessment = engine.model.assess(case.person, case.findings, shown=_ASSESSED)
    urgent = [
        option
        for option in assessment.options[LIKELY_SHOWN:]
        if engine.conditions[option.condition].must_not_miss and option.chance >= _NOTABLE
    ]
    return Shown(
        assessment,
        tuple(_shown(one, engine) for one in assessment.options[:LIKELY_SHOWN]),
        tuple(_shown(one, engine) for one in urgent[:URGENT_SHOWN]),
    )


def telling(case: Case, engine: Engine) -> list[Telling]:
    """Return what would change the picture most, with what would then be first."""
    evidence = engine.model.close(case.findings)
    skip = {code for code, state in case.states.items() if state == "unknown"}
    found = []
    for one in engine.interviewer.next(case.person, evidence, skip=skip, count=TELLING_SHOWN):
        first = {}
        for present in (True, False):
            supposed = engine.model.close({**case.findings, one.finding: present})
            chances = engine.model.posterior(case.person, supposed)
            first[present] = engine.knowledge.conditions[int(chances.argmax())], percent(float(chances.max()))
        found.append(Telling(engine.knowledge.findings[one.finding], *first[True], *first[False]))
    return found


def percent(share: float) -> str:
    """Write a chance in percent, with a decimal below ten; what would be read as none or as certain is written as a
    bound.
    """
    if share < _LEAST_SHARE:
        return f"< {number_format(0.1, 1)}"
    if share >= _MOST_SHARE:
        return f"> {number_format(99, 0)}"
    decimals = 0 if share >= 0.1 else 1
    return number_format(round(100 * share, decimals), decimals)


def _shown(option: Option, engine: Engine) -> ShownOption:
    knowledge, condition = engine.knowledge, engine.conditions[option.condition]
    return ShownOption(
        condition,
        option.chance,
        option.before,
        _reasons(option.supporting, engine),
        _reasons(option.opposing, engine),
        tuple(knowledge.findings[code] for code in option.not_asked[:_REASONS_SHOWN]),
        tuple(knowledge.sources[code] for code in condition.sources),
    )


def _reasons(terms: Iterable[Contribution], engine: Engine) -> tuple[Reason, ...]:
    findings = engine.knowledge.findings
    telling_most = [one for one in terms if abs(one.weight) >= _LEAST_WEIGHT][:_REASONS_SHOWN]
    return tuple(Reason(findings[one.finding], one.present, one.weight) for one in telling_most)
