"""Chances of conditions given findings: a Bayes model whose every term can be read.

    log P(condition | findings) = w log frequency(age, sex, season) + sum of contributions / T + constant

A finding contributes log(P(finding | condition) / background), or the same of its absence; what was not asked
contributes nothing. Three things keep the terms honest:

* A finding within another one (a throbbing headache) is counted given its parent, so that it does not count twice.
* The known findings of one family share weight: each of k counts k^-0.5, as if their sum grew by the square root.
* A share of findings (the base's ``noise``) has nothing to do with the condition, which bounds every contribution.

The temperature T is fitted on simulated cases (``clinical_assist.differential.calibration``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clinical_assist.knowledge.types import SEASONS, SEXES, Knowledge, age_band

Array = NDArray[np.float64]

FAMILY_POWER = 0.5
_SHARPEST = 0.995
_ONE_MISREAD_OF = 6
_SMALLEST_FREQUENCY = 1e-6


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of someone beside the findings; empty means unknown."""

    age: float | None = None
    sex: str = ""
    season: str = ""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one finding does to a condition: natural logarithm of a likelihood ratio, family weight included."""

    finding: str
    present: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Option:
    """A condition with its chance and the reasons, strongest first."""

    condition: str
    chance: float
    before: float
    supporting: tuple[Contribution, ...]
    opposing: tuple[Contribution, ...]
    not_asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The likeliest options with their reasons, and the rank of all conditions.

    ``fit`` is the share of what was surprising that the best condition explains; ``outside`` when that is too little.
    """

    options: tuple[Option, ...]
    ranking: tuple[str, ...]
    fit: float
    outside: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Findings closed under what they imply: a finding brings its parent; without the parent there is no finding."""

    states: Mapping[str, bool] = field(default_factory=dict)


class Model:
    """A knowledge base compiled to arrays: one row a finding, one column a condition."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.codes = tuple(knowledge.findings)
        self.rows = {code: row for row, code in enumerate(self.codes)}
        self.columns = {condition.code: column for column, condition in enumerate(knowledge.conditions)}
        self.background = np.array([knowledge.findings[code].background for code in self.codes])
        self.parents = np.array([self.rows.get(knowledge.findings[code].parent, -1) for code in self.codes], dtype=int)
        self._rates = np.array([one.rate for one in knowledge.conditions])
        self._ages = np.array([one.ages for one in knowledge.conditions])
        self._sexes = np.array([one.sexes for one in knowledge.conditions])
        self._seasons = np.array([one.seasons for one in knowledge.conditions])
        self.exhaustive = all(len(one.findings) == len(self.codes) for one in knowledge.conditions)
        self._order = self._parents_first()
        self.chances = self._chances()
        within, background_within = self._within()
        noise = knowledge.noise
        self.within = (1 - noise) * within + noise * background_within[:, None]
        self.background_within = background_within
        self.overall = (1 - noise) * self.chances + noise * self.background[:, None]
        self._present = np.log(self.within / background_within[:, None])
        self._absent_within = np.log((1 - self.within) / (1 - background_within[:, None]))
        self._absent_overall = np.log((1 - self.overall) / (1 - self.background[:, None]))

    def close(self, findings: Mapping[str, bool]) -> Evidence:
        """Add implied findings; drop unknown codes and what an absent parent makes meaningless. Presence wins."""
        states = {code: present for code, present in findings.items() if code in self.rows}
        for code in [code for code, present in states.items() if present]:
            parent = self.knowledge.findings[code].parent
            while parent:
                states[parent] = True
                parent = self.knowledge.findings[parent].parent
        choices = self._chosen(states)
        for code, present in list(states.items()):
            finding = self.knowledge.findings[code]
            if not present and (finding.choice in choices or states.get(finding.parent) is False):
                del states[code]
        return Evidence(states)

    def open_findings(self, evidence: Evidence) -> frozenset[str]:
        """Codes of what evidence leaves open: not those that cannot be, within an absent one or beside a chosen one."""
        states, choices = evidence.states, self._chosen(evidence.states)
        found: set[str] = set()
        for row in self._order:
            finding = self.knowledge.findings[self.codes[row]]
            within = not finding.parent or finding.parent in found or states.get(finding.parent)
            if within and finding.code not in states and finding.choice not in choices:
                found.add(finding.code)
        return frozenset(found)

    def _chosen(self, states: Mapping[str, bool]) -> set[str]:
        """Return the choices of which one finding is present, so that no other of them can be."""
        return {self.knowledge.findings[code].choice for code, present in states.items() if present} - {""}

    def prior(self, person: Person) -> Array:
        """Chances before any finding."""
        weighted = np.maximum(self._frequencies(person), _SMALLEST_FREQUENCY) ** self.knowledge.prior_weight
        return np.asarray(weighted / weighted.sum(), dtype=np.float64)

    def _frequencies(self, person: Person) -> Array:
        """How often each condition is seen among people like this one; an unknown trait changes nothing."""
        found = self._rates
        if person.age is not None:
            found = found * self._ages[:, age_band(person.age)]
        if person.sex in SEXES:
            found = found * self._sexes[:, SEXES.index(person.sex)]
        if person.season in SEASONS:
            found = found * self._seasons[:, SEASONS.index(person.season)]
        return found

    def contributions(self, evidence: Evidence) -> dict[str, Array]:
        """For each known finding, what it adds to each condition."""
        families = Counter(
            (self.knowledge.findings[code].family, present)
            for code, present in evidence.states.items()
            if self.knowledge.findings[code].family
        )
        found = {}
        for code, present in evidence.states.items():
            row, finding = self.rows[code], self.knowledge.findings[code]
            if present:
                terms = self._present[row]
            elif evidence.states.get(finding.parent):
                terms = self._absent_within[row]
            else:
                terms = self._absent_overall[row]
            found[code] = terms * max(families[finding.family, present], 1) ** -FAMILY_POWER
        return found

    def posterior(self, person: Person, evidence: Evidence) -> Array:
        """Chances of all conditions, in the order of the knowledge base."""
        total = self._sum(self.contributions(evidence))
        logarithms = np.log(self.prior(person)) + total / self.knowledge.calibration.temperature
        chances = np.exp(logarithms - logarithms.max())
        return np.asarray(chances / chances.sum(), dtype=np.float64)

    def fit(self, person: Person, evidence: Evidence) -> float:
        """Share of the surprise (-log background of what is present) that the best condition takes away; at most 1.

        Of six and more findings that are there one may be misread: the most surprising of those that do not speak for
        the best condition is left out. Conditions that hardly exist for the person's age and sex cannot be the best.
        Nothing present fits nothing: 0.
        """
        parts = self.contributions(evidence)
        surprises = self._surprises(evidence)
        if not surprises:
            return 0.0
        possible = self._frequencies(person) > _SMALLEST_FREQUENCY * 100
        totals = np.where(possible, self._sum(parts), -np.inf)
        best = int(totals.argmax())
        total, strange = totals[best], [code for code in surprises if parts[code][best] <= 0]
        if strange and len(surprises) >= _ONE_MISREAD_OF:
            left_out = max(strange, key=surprises.__getitem__)
            total -= parts[left_out][best]
            del surprises[left_out]
        return float(np.clip(total / sum(surprises.values()), 0.0, 1.0))

    def _surprises(self, evidence: Evidence) -> dict[str, float]:
        """For each finding that is there, how surprising it is among people seen for something else."""
        families = Counter(self.knowledge.findings[code].family for code, here in evidence.states.items() if here)
        found = {}
        for code in (code for code, present in evidence.states.items() if present):
            family = self.knowledge.findings[code].family
            share = families[family] ** -FAMILY_POWER if family else 1.0
            found[code] = -float(np.log(self.background_within[self.rows[code]])) * share
        return found

    def assess(self, person: Person, findings: Mapping[str, bool], *, shown: int = 10) -> Assessment:
        """Rank all conditions; the first ``shown`` with what speaks for them, against them, and what was not asked."""
        evidence = self.close(findings)
        parts = self.contributions(evidence)
        chances, before = self.posterior(person, evidence), self.prior(person)
        fit, open_findings = self.fit(person, evidence), self.open_findings(evidence)
        order = [int(column) for column in np.argsort(-chances, kind="stable")]
        return Assessment(
            tuple(self._option(column, chances, before, evidence, parts, open_findings) for column in order[:shown]),
            tuple(self.knowledge.conditions[column].code for column in order),
            fit,
            fit < self.knowledge.calibration.least_fit,
        )

    def _option(
        self,
        column: int,
        chances: Array,
        before: Array,
        evidence: Evidence,
        parts: Mapping[str, Array],
        open_findings: Collection[str],
    ) -> Option:
        condition = self.knowledge.conditions[column]
        terms = sorted(
            (Contribution(code, evidence.states[code], float(values[column])) for code, values in parts.items()),
            key=lambda one: -abs(one.weight),
        )
        typical = sorted(condition.findings, key=lambda code: -abs(self._present[self.rows[code], column]))
        return Option(
            condition.code,
            float(chances[column]),
            float(before[column]),
            tuple(one for one in terms if one.weight > 0),
            tuple(one for one in terms if one.weight < 0),
            tuple(code for code in typical if code in open_findings),
        )

    def _sum(self, parts: Mapping[str, Array]) -> Array:
        return np.sum(list(parts.values()), axis=0) if parts else np.zeros(len(self.columns))

    def _parents_first(self) -> list[int]:
        ordered: list[int] = []

        def add(row: int) -> None:
            if row not in seen:
                seen.add(row)
                if self.parents[row] >= 0:
                    add(int(self.parents[row]))
                ordered.append(row)

        seen: set[int] = set()
        for row in range(len(self.codes)):
            add(row)
        return ordered

    def _chances(self) -> Array:
        """P(finding | condition); one that a condition does not name is as frequent within its parent as elsewhere."""
        table = np.repeat(self.background[:, None], len(self.columns), axis=1)
        named = np.full(table.shape, np.nan)
        for column, condition in enumerate(self.knowledge.conditions):
            for code, chance in condition.findings.items():
                named[self.rows[code], column] = chance
        for row in self._order:
            parent = self.parents[row]
            if parent >= 0:
                share = self.background[row] / self.background[parent]
                table[row] = np.maximum(table[row], table[parent] * share)
            table[row] = np.where(np.isnan(named[row]), table[row], named[row])
            if parent >= 0:
                table[parent] = np.maximum(table[parent], table[row])
        return table

    def _within(self) -> tuple[Array, Array]:
        """The same given that the parent is present."""
        within, background = self.chances.copy(), self.background.copy()
        for row in self._order:
            parent = self.parents[row]
            if parent >= 0:
                within[row] = np.minimum(self.chances[row] / self.chances[parent], _SHARPEST)
                background[row] = min(self.background[row] / self.background[parent], _SHARPEST)
        return np.minimum(within, _SHARPEST), background
