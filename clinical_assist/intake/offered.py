"""Findings that the record suggests: offered with the item they come from, used only when the clinician takes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from clinical_assist.intake.engine import Engine
from clinical_assist.knowledge.measures import from_measurement
from clinical_assist.knowledge.types import Finding
from clinical_assist.record.items import Item, Measurement
from clinical_assist.record.measures import value_in, written
from clinical_assist.record.showing import is_old
from clinical_assist.record.types import Entry, Summary

# Our names of measures in the record, the knowledge's name, and the unit of its limits.
_MEASURES = {
    "temperature": ("temperature", "Cel"),
    "heart_rate": ("pulse", "/min"),
    "respiratory_rate": ("respiratory_rate", "/min"),
    "oxygen_saturation": ("saturation", "%"),
    "systolic": ("systolic", "mm[Hg]"),
    "diastolic": ("diastolic", "mm[Hg]"),
    "bmi": ("bmi", "kg/m2"),
    "glucose": ("glucose", "mmol/L"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A finding with its state, the item it comes from in words, and that item's day and source."""

    finding: Finding
    state: str
    item_id: UUID
    words: str
    on: date | None
    source: str


def offers(found: Summary, engine: Engine, *, age: float | None, known: Collection[str]) -> list[Offer]:
    """Return what the record suggests and the case does not have yet: vital signs and results that are not old,
    problems, medicines and history by their names.
    """
    best: dict[str, Offer] = {}
    for offer in (*_measured(found, engine, age), *_named(found, engine)):
        if offer.finding.code not in known:
            best.setdefault(offer.finding.code, offer)
    return list(best.values())


def _measured(found: Summary, engine: Engine, age: float | None) -> Iterator[Offer]:
    for entry in (*found.latest_vitals, *found.latest_laboratory):
        if entry.item.measure not in _MEASURES or is_old(entry):
            continue
        measure, unit = _MEASURES[entry.item.measure]
        value = value_in(entry.item, unit)
        if value is None:
            continue
        for code, present in from_measurement(engine.knowledge, measure, value, age=age).items():
            yield _offer(engine, code, "present" if present else "absent", entry, _said(entry.item))


def _named(found: Summary, engine: Engine) -> Iterator[Offer]:
    entries: tuple[Entry[Item], ...] = (*found.active_problems, *found.active_medications, *found.history)
    for entry in entries:
        for code, present in engine.recogniser.recognise(entry.item.name).findings().items():
            if present and engine.knowledge.findings[code].kind in {"history", "symptom", "sign"}:
                yield _offer(engine, code, "present", entry, entry.item.name)


def _offer(engine: Engine, code: str, state: str, entry: Entry[Item], words: str) -> Offer:
    return Offer(engine.knowledge.findings[code], state, entry.id, words, entry.on, entry.source_label)


def _said(item: Measurement) -> str:
    value = f"{item.value:g}" if item.value is not None else item.text
    return f"{item.name} {value} {written(item.unit)}".strip()
