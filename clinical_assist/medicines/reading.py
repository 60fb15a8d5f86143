"""From rows of texts to a library that is consistent; every row that is wrong is named, with its column."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeVar, cast

from django.utils.translation import gettext as _

from clinical_assist.medicines.columns import COLUMNS, Document, Row, code_of, parsed
from clinical_assist.medicines.types import (
    AGE,
    AGE_UNIT,
    UNITS,
    AllergyRule,
    Interaction,
    LaboratoryRule,
    Library,
    Medicine,
    MedicineError,
    Tier,
)
from clinical_assist.record.measures import MEASURES

ACTIONS: Final = ("avoid", "reduce", "caution")
ADVICE: Final = ("ok", "caution", "avoid")
SIDES: Final = ("over", "under")
TIERS: Final = ("1", "2", "3")
_LONGEST: Final = 600
_NOT_IN_NAMES: Final = frozenset("|;/\n")
# Which columns of rules name medicines or classes.
_NAMING: Final[Mapping[str, tuple[str, ...]]] = {
    "interactions": ("first", "second"),
    "allergies": ("group", "members", "cross"),
    "laboratory": ("class",),
}
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row. ``column`` is empty where it is about the row as a whole."""

    table: str
    code: str
    column: str
    text: str

    def __str__(self) -> str:
        return f"{self.table}, {self.code or '?'}: {self.said}"

    @property
    def said(self) -> str:
        """The text with its column before it."""
        return f"{self.column}: {self.text}" if self.column else self.text


class FaultyTablesError(MedicineError):
    """Tables with rows that are wrong, all of them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(map(str, self.faults)))


@lru_cache(maxsize=16)
def read(content: str) -> Library:
    """Return the library of a version's content; made once a process. Raises MedicineError."""
    base, document = parsed(content)
    return replace(build(document), version=base)


def build(document: Document) -> Library:
    """Make a library of tables and check them.

    Raises:
        FaultyTablesError: with all rows that are wrong.
    """
    faults: list[Fault] = []
    medicines = dict(_made("medicines", document, _medicine, faults))
    interactions = [one for _code, one in _made("interactions", document, _interaction, faults)]
    allergies = [one for _code, one in _made("allergies", document, _allergy, faults)]
    laboratory = [one for _code, one in _made("laboratory", document, _laboratory, faults)]
    sources = {code: row.get("text", "") for code, row in document["sources"].items()}
    found = Library(
        medicines=medicines,
        interactions=tuple(interactions),
        allergies=tuple(allergies),
        laboratory=tuple(laboratory),
        sources=sources,
        version="",
        digest=_digest(document),
    )
    # Rules that name a medicine whose own row is wrong are not wrong for that.
    known = found.classes | document["medicines"].keys()
    faults += [*_unnamed(document), *_twice(found, document), *_unknown(document, known, sources)]
    if faults:
        raise FaultyTablesError(dict.fromkeys(faults))
    return found


class _Reader:
    """One row being read; collects what is wrong with it."""

    def __init__(self, table: str, code: str, row: Row) -> None:
        self._table, self._code, self.row = table, code, row
        self.faults: list[Fault] = []

    def wrong(self, column: str, text: str) -> None:
        self.faults.append(Fault(self._table, self._code, column, text))

    def words(self, column: str, *, needed: bool = True) -> str:
        text = self.row.get(column, "")
        if needed and not text:
            self.wrong(column, _("It is missing."))
        elif len(text) > _LONGEST:
            self.wrong(column, _("It is longer than 600 letters."))
        return text

    def number(self, column: str) -> float:
        return self._number(column, self.words(column))

    def choice(self, column: str, choices: Iterable[str]) -> str:
        text = self.row.get(column, "")
        if text not in choices:
            named = ", ".join(one for one in choices if one)
            self.wrong(column, _("“%(given)s” is none of: %(choices)s.") % {"given": text, "choices": named})
        return text

    def many(self, column: str) -> tuple[str, ...]:
        return tuple(one.strip() for one in self.words(column, needed=False).split(";") if one.strip())

    def tier(self) -> Tier:
        text = self.choice("tier", TIERS)
        return cast("Tier", int(text)) if text in TIERS else 3

    def bounds(self, column: str) -> tuple[float, float] | None:
        """A range such as "25-90", or one number."""
        text = self.words(column, needed=False)
        if not text:
            return None
        low, _dash, high = text.partition("-")
        found = self._number(column, low), self._number(column, high or low)
        if found[0] > found[1]:
            self.wrong(column, _("%(low)s is more than %(high)s.") % {"low": low, "high": high})
        return found

    def clearances(self) -> Iterator[tuple[float, str]]:
        for text in self.many("clearance"):
            bound, _space, action = text.partition(" ")
            if action.strip() not in ACTIONS:
                said = _("“%(given)s”: write a bound in mL/min and one of %(choices)s, such as “30 avoid”.")
                self.wrong("clearance", said % {"given": text, "choices": ", ".join(ACTIONS)})
            else:
                yield self._number("clearance", bound), action.strip()

    def day(self, column: str) -> date:
        text = self.words(column)
        try:
            return date.fromisoformat(text)
        except ValueError:
            if text:
                self.wrong(column, _("“%(given)s” is no day such as 2026-03-31.") % {"given": text})
            return date.min

    def _number(self, column: str, text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not 0 < found < math.inf:
            if text:
                self.wrong(column, _("“%(given)s” is no number over 0.") % {"given": text})
            return 1.0
        return found


def _made(
    table: str, document: Document, make: Callable[[_Reader], Made], faults: list[Fault]
) -> Iterator[tuple[str, Made]]:
    for code, row in document[table].items():
        reader = _Reader(table, code, row)
        if unknown := sorted(row.keys() - set(COLUMNS[table])):
            reader.wrong("", _("There is no column %(column)s.") % {"column": unknown[0]})
        made = make(reader)
        faults += reader.faults
        if not reader.faults:
            yield code, made


def _medicine(reader: _Reader) -> Medicine:
    name = reader.words("name")
    low, high, once = (reader.number(column) for column in ("day_low", "day_high", "dose_high"))
    if _NOT_IN_NAMES & set(name):
        reader.wrong("name", _("A name has none of | ; /"))
    if low > high and not reader.faults:
        reader.wrong("day_low", _("The least a day is more than the most a day."))
    if not reader.many("classes"):
        reader.wrong("classes", _("It is missing."))
    return Medicine(
        name=name,
        also=reader.many("also"),
        brands=reader.many("brands"),
        classes=frozenset(reader.many("classes")),
        unit=reader.choice("unit", tuple(UNITS)),
        day_low=low,
        day_high=high,
        dose_high=once,
        child=reader.bounds("child_day"),
        clearance=tuple(sorted(reader.clearances())),
        pregnancy=cast("Any", reader.choice("pregnancy", ADVICE)),
        lactation=cast("Any", reader.choice("lactation", ADVICE)),
        problems=tuple(map(_problem, reader.many("problems"))),
        source=reader.words("source"),
        checked=reader.day("checked"),
    )


def _problem(text: str) -> tuple[str, Tier]:
    name = text.rstrip("!")
    tiers: Mapping[int, Tier] = {0: 3, 1: 2}
    return name, tiers.get(len(text) - len(name), 1)


def _interaction(reader: _Reader) -> Interaction:
    sides = reader.words("first"), reader.words("second")
    return Interaction(
        *sides, reader.tier(), reader.words("effect"), reader.words("advice", needed=False), reader.words("source")
    )


def _allergy(reader: _Reader) -> AllergyRule:
    return AllergyRule(
        group=reader.words("group"),
        members=reader.words("members"),
        only=reader.words("cross", needed=False),
        tier=reader.tier(),
        advice=reader.words("advice"),
        source=reader.words("source"),
    )


def _laboratory(reader: _Reader) -> LaboratoryRule:
    measure = reader.words("measure")
    known = MEASURES.get(measure)
    if measure == AGE:
        reader.choice("unit", {AGE_UNIT: None})
    elif measure and known is None:
        reader.wrong("measure", _("The record has no measure “%(name)s”.") % {"name": measure})
    elif known is not None:
        reader.choice("unit", dict.fromkeys((known.conventional, known.si)))
    return LaboratoryRule(
        measure=measure,
        unit=reader.words("unit", needed=False),
        is_upper=reader.choice("side", SIDES) == "over",
        bound=reader.number("bound"),
        of=reader.words("class"),
        tier=reader.tier(),
        effect=reader.words("effect"),
        advice=reader.words("advice", needed=False),
        source=reader.words("source"),
    )


def _unnamed(document: Document) -> Iterator[Fault]:
    for table, rows in document.items():
        for code, row in rows.items():
            if code != code_of(table, row):
                yield Fault(table, code, "", _("The row is kept under another name than its own."))
    for code, row in document["sources"].items():
        if not code or not row.get("text"):
            yield Fault("sources", code, "text", _("A source has a code and a text."))


def _twice(found: Library, document: Document) -> Iterator[Fault]:
    """Names that mean two medicines, pairs that have two rules, measures that are read in two units."""
    owners: dict[str, dict[str, tuple[str, str]]] = {}
    for one in found.medicines.values():
        for column, names in (("name", (one.name,)), ("also", one.also), ("brands", one.brands)):
            for name in names:
                owners.setdefault(name.casefold(), {})[one.name] = (column, name)
    for held in owners.values():
        for owner, (column, name) in held.items() if len(held) > 1 else ():
            others = ", ".join(held.keys() - {owner})
            said = _("“%(name)s” is a name of %(other)s too.") % {"name": name, "other": others}
            yield Fault("medicines", owner, column, said)
    pairs: dict[frozenset[str], str] = {}
    for rule in found.interactions:
        code = f"{rule.first} + {rule.second}"
        other = pairs.setdefault(frozenset((rule.first, rule.second)), code)
        if other != code:
            yield Fault("interactions", code, "", _("%(other)s is the same pair.") % {"other": other})
    units: dict[str, str] = {}
    for code, row in document["laboratory"].items():
        measure, unit = row.get("measure", ""), row.get("unit", "")
        if units.setdefault(measure, unit) != unit:
            said = _("The other rules of %(measure)s are in %(unit)s.")
            yield Fault("laboratory", code, "unit", said % {"measure": measure, "unit": units[measure]})


def _unknown(document: Document, known: Iterable[str], sources: Mapping[str, str]) -> Iterator[Fault]:
    names = set(known)
    for table, rows in document.items():
        for code, row in rows.items():
            for column in _NAMING.get(table, ()):
                if row.get(column) and row[column] not in names:
                    said = _("“%(name)s” is no medicine and no class of one.") % {"name": row[column]}
                    yield Fault(table, code, column, said)
            if table != "sources" and row.get("source") and row["source"] not in sources:
                yield Fault(table, code, "source", _("There is no source “%(code)s”.") % {"code": row["source"]})


def _digest(document: Document) -> str:
    written = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()
