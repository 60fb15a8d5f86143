"""The tables of medicines and rules that come with the application, read once and held to be consistent."""

from __future__ import annotations

import csv
import functools
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clinical_assist.medicines.types import (
    AllergyRule,
    Interaction,
    LaboratoryRule,
    Medicine,
    MedicineError,
    Tier,
)

VERSION = "1"
_FOLDER = Path(__file__).parent / "data"
_MEDICINES = ("heart", "blood", "infection", "pain", "mind", "hormones", "gut-lungs-and-others")
_ACTIONS = {"avoid", "reduce", "caution"}


@dataclass(frozen=True, slots=True)
class Change:
    """What changed with a version of the tables."""

    version: str
    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Library:
    """All tables, by name, the digest of their files, and what changed with each version, the latest first."""

    medicines: Mapping[str, Medicine]
    interactions: tuple[Interaction, ...]
    allergies: tuple[AllergyRule, ...]
    laboratory: tuple[LaboratoryRule, ...]
    sources: Mapping[str, str]
    version: str
    digest: str
    changes: tuple[Change, ...] = ()

    @property
    def classes(self) -> frozenset[str]:
        return frozenset().union(*(one.classes for one in self.medicines.values()))


@functools.cache
def library() -> Library:
    """Return the tables. Raises MedicineError when a row names what does not exist."""
    medicines: dict[str, Medicine] = {}
    for table in _MEDICINES:
        for row in _rows(table):
            medicine = _medicine(row)
            if medicine.name in medicines:
                raise MedicineError(f"{table}: {medicine.name} stands twice.")
            medicines[medicine.name] = medicine
    found = Library(
        medicines=medicines,
        interactions=tuple(map(_interaction, _rows("interactions"))),
        allergies=tuple(map(_allergy, _rows("allergies"))),
        laboratory=tuple(map(_laboratory, _rows("laboratory"))),
        sources=tomllib.loads(_text("sources.toml")),
        version=VERSION,
        digest=_digest(),
        changes=tuple(Change(**one) for one in tomllib.loads(_text("changes.toml"))["changes"]),
    )
    _check(found)
    return found


def _rows(table: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / f"{table}.psv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE):
            if None in row or None in row.values():
                raise MedicineError(f"{table}: the row of {next(iter(row.values()))} has too many or too few fields.")
            yield row


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _list(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(";") if one.strip())


def _medicine(row: Mapping[str, str]) -> Medicine:
    low, _dash, high = row["child_day"].partition("-")
    return Medicine(
        name=row["name"],
        also=_list(row["also"]),
        brands=_list(row["brands"]),
        classes=frozenset(_list(row["classes"])),
        unit=row["unit"],
        day_low=float(row["day_low"]),
        day_high=float(row["day_high"]),
        dose_high=float(row["dose_high"]),
        child=(float(low), float(high or low)) if low else None,
        clearance=tuple(sorted(map(_bound, _list(row["clearance"])))),
        pregnancy=row["pregnancy"],  # type: ignore[arg-type]
        lactation=row["lactation"],  # type: ignore[arg-type]
        problems=tuple(map(_problem, _list(row["problems"]))),
    )


def _bound(text: str) -> tuple[float, str]:
    bound, action = text.split()
    if action not in _ACTIONS:
        raise MedicineError(f"{action} is no advice for kidneys.")
    return float(bound), action


def _problem(text: str) -> tuple[str, Tier]:
    name = text.rstrip("!")
    tiers: dict[int, Tier] = {0: 3, 1: 2, 2: 1}
    return name, tiers[len(text) - len(name)]


def _tier(text: str) -> Tier:
    return {"1": 1, "2": 2, "3": 3}[text]  # type: ignore[return-value]


def _interaction(row: Mapping[str, str]) -> Interaction:
    return Interaction(
        row["first"], row["second"], _tier(row["tier"]), row["effect"], row["advice"], row["source"]
    )  # fmt: skip


def _allergy(row: Mapping[str, str]) -> AllergyRule:
    return AllergyRule(row["group"], row["members"], row["cross"], _tier(row["tier"]), row["advice"], row["source"])


def _laboratory(row: Mapping[str, str]) -> LaboratoryRule:
    return LaboratoryRule(
        measure=row["measure"],
        unit=row["unit"],
        is_upper={"over": True, "under": False}[row["side"]],
        bound=float(row["bound"]),
        of=row["class"],
        tier=_tier(row["tier"]),
        effect=row["effect"],
        advice=row["advice"],
        source=row["source"],
    )


def _check(found: Library) -> None:
    known = found.classes | found.medicines.keys()
    named = {
        *(name for one in found.interactions for name in (one.first, one.second)),
        *(name for one in found.allergies for name in (one.group, one.members, one.only) if name),
        *(one.of for one in found.laboratory),
    }
    if unknown := sorted(named - known):
        raise MedicineError(f"A rule names what no medicine is: {', '.join(unknown)}.")
    cited = {
        *(one.source for one in found.interactions),
        *(one.source for one in found.allergies),
        *(one.source for one in found.laboratory),
    }
    if unknown := sorted(cited - found.sources.keys()):
        raise MedicineError(f"A rule has an unknown source: {', '.join(unknown)}.")
    if not found.changes or found.changes[0].version != found.version:
        raise MedicineError(f"changes.toml does not say what version {found.version} changed.")
    for one in found.medicines.values():
        if not 0 < one.day_low <= one.day_high or one.dose_high <= 0:
            raise MedicineError(f"The doses of {one.name} are not in order.")
        if {one.pregnancy, one.lactation} - {"ok", "caution", "avoid"}:
            raise MedicineError(f"{one.name} lacks advice for pregnancy or breastfeeding.")
