"""Findings that a measured number decides: a temperature of 39.2 °C is a fever and a high fever."""

from __future__ import annotations

from clinical_assist.knowledge.types import Knowledge


def from_measurement(knowledge: Knowledge, measure: str, value: float, *, age: float | None) -> dict[str, bool]:
    """Return the findings that the value makes present or absent. Limits of adults say nothing of children under 12."""
    decided = {}
    for finding in knowledge.findings.values():
        if finding.measure != measure or (finding.adults_only and age is not None and age < 12):
            continue
        above = finding.at_least is not None and value >= finding.at_least
        below = finding.at_most is not None and value <= finding.at_most
        decided[finding.code] = above or below
    return decided
