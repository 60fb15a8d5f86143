"""Fits a base's temperature and least fit on cases simulated from the base, with noise; never on labelled files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from clinical_assist.differential.model import Array, Model, Person
from clinical_assist.knowledge.types import AGE_BANDS, SEXES, Calibration, Knowledge

TEMPERATURES = (0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.5, 3.0)
KNOWN_REFUSED = 0.015
_MOST_MENTIONED = 9


@dataclass(frozen=True, slots=True)
class Simulated:
    """A case drawn from the base: the condition, who has it, and which findings were told."""

    condition: int
    person: Person
    findings: Mapping[str, bool]


def fit(knowledge: Knowledge, *, cases: int = 1500, seed: int = 7) -> Calibration:
    """Fit on half told, partly wrong cases: the temperature by log loss, the least fit so that few are refused."""
    model = Model(replace(knowledge, calibration=Calibration()))
    generator = np.random.default_rng(seed)
    drawn = [simulate(model, generator) for _ in range(cases)]
    prepared = []
    fits = []
    for case in drawn:
        evidence = model.close(case.findings)
        total = np.sum(list(model.contributions(evidence).values()), axis=0) if evidence.states else 0.0
        prepared.append((case.condition, np.log(model.prior(case.person)), total))
        fits.append(model.fit(case.person, evidence))
    losses = [
        float(np.mean([_loss(prior + total / temperature, condition) for condition, prior, total in prepared]))
        for temperature in TEMPERATURES
    ]
    return Calibration(TEMPERATURES[int(np.argmin(losses))], round(float(np.quantile(fits, KNOWN_REFUSED)), 3))


def simulate(model: Model, generator: np.random.Generator) -> Simulated:
    """Draw a condition by how often it is seen, a person, the findings, and which of them come up.

    Present findings come up more often than absent ones; the base's share of noise is as among other people.
    """
    knowledge = model.knowledge
    column = int(generator.choice(len(knowledge.conditions), p=model.prior(Person())))
    condition = knowledge.conditions[column]
    bands = np.array(condition.ages) / sum(condition.ages)
    low, high = AGE_BANDS[int(generator.choice(len(AGE_BANDS), p=bands))]
    sexes = np.array(condition.sexes) / sum(condition.sexes)
    person = Person(float(generator.integers(low, min(high, 95))), SEXES[int(generator.choice(2, p=sexes))])
    present, absent = [], []
    chosen: set[str] = set()
    for row in generator.permutation(len(model.codes)):
        finding = knowledge.findings[model.codes[row]]
        own = model.background[row] if generator.random() < knowledge.noise else model.chances[row, column]
        if generator.random() < own and finding.choice not in chosen:
            present.append(finding.code)
            chosen |= {finding.choice} - {""}
        elif finding.code in condition.findings and not finding.choice:
            absent.append(finding.code)
    named = [code for code in present if code in condition.findings]
    other = [code for code in present if code not in condition.findings]
    told = named[: int(generator.integers(2, _MOST_MENTIONED))] + other[: int(generator.poisson(0.5))]
    findings = dict.fromkeys(told, True) | dict.fromkeys(absent[: int(generator.poisson(1.0))], False)
    return Simulated(column, person, findings)


def _loss(logarithms: Array, condition: int) -> float:
    top = float(logarithms.max())
    return top + float(np.log(np.exp(logarithms - top).sum())) - float(logarithms[condition])
