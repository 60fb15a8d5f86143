"""Order sets from a folder of TOML files, held to be consistent with the medicines and the knowledge base.

A file has tables ``order_sets.CODE`` with ``name``, ``conditions``, ``source`` and ``lines``. The key of a line that
names its kind holds its text: ``test``, ``medicine``, ``advice``, ``referral`` or ``follow_up``. What a line does not
say of source and conditions it has from its set.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from clinical_assist.knowledge import reading as knowledge
from clinical_assist.medicines.dosing import CHILD_UNDER, dose_alerts
from clinical_assist.medicines.library import built_in, using
from clinical_assist.medicines.naming import medicine_named
from clinical_assist.medicines.ordering import read_order
from clinical_assist.medicines.types import Medicine, Order, Patient
from clinical_assist.ordersets.types import KINDS, ByWeight, Kind, OrderLine, OrderSet, OrderSetError, OrderSets

STARTER = Path(__file__).parent / "starter"
_GROWN = 40.0
_OPTIONAL = (
    "why", "whom", "note", "choice", "days", "from_age", "under_age", "sex", "pregnancy", "least_clearance", "urgent",
)  # fmt: skip
_OWN = {*KINDS, *_OPTIONAL, "for", "source", "mg_per_kg_day", "times_a_day", "most_a_day"}
_PREGNANCY = {"", "no", "only", "ask"}


@cache
def starter() -> OrderSets:
    """Return the order sets that come with the application, with its own medicines."""
    with using(built_in()):
        return read_folder(STARTER)


def read_folder(folder: Path) -> OrderSets:
    """Read all TOML files of a folder as one collection, for the base that comes with the application.

    Raises OrderSetError.
    """
    return build(document(folder), conditions={one.code for one in knowledge.starter().conditions})


def document(folder: Path) -> dict[str, Any]:
    """Return the tables of all TOML files of a folder as one document. Raises OrderSetError."""
    found: dict[str, Any] = {"order_sets": {}}
    for path in sorted(folder.glob("*.toml")):
        try:
            part = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise OrderSetError(f"{path.name} cannot be read: {error}.") from error
        sets = part.pop("order_sets", {})
        if twice := sorted(found["order_sets"].keys() & sets.keys()):
            raise OrderSetError(f"{path.name}: order_sets.{twice[0]} is in another file already.")
        found["order_sets"] |= sets
        found |= part
    return found


def build(tables: Mapping[str, Any], *, conditions: Collection[str] | None = None) -> OrderSets:
    """Make order sets from their tables and check them; where ``conditions`` are given, that they are for these.

    Raises:
        OrderSetError: naming the first line that is wrong.
    """
    sources = tables.get("sources", {})
    try:
        found = OrderSets(
            name=str(tables["name"]),
            version=str(tables["version"]),
            sets={code: _set(code, entry, sources) for code, entry in tables["order_sets"].items()},
            sources=sources,
            digest=_digest(tables),
        )
    except KeyError as error:
        raise OrderSetError(f"The order sets do not say their {error.args[0]}.") from error
    if not found.sets:
        raise OrderSetError("There is no order set.")
    for one in found.sets.values():
        if conditions is not None and (unknown := [code for code in one.conditions if code not in conditions]):
            raise OrderSetError(f"Order set {one.code}: the knowledge base has no condition {unknown[0]}.")
    return found


def _digest(tables: Mapping[str, Any]) -> str:
    written = json.dumps(tables, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _set(code: str, entry: Mapping[str, Any], sources: Mapping[str, str]) -> OrderSet:
    where = f"Order set {code}"
    for name in ("name", "conditions", "source"):
        if not isinstance(entry.get(name), str):
            raise OrderSetError(f"{where} does not say its {name}.")
    conditions = _listed(entry["conditions"])
    lines = tuple(
        _line(f"{code}:{number}", one, conditions, str(entry["source"]))
        for number, one in enumerate(entry.get("lines", ()), 1)
    )
    if not lines:
        raise OrderSetError(f"{where} has no line.")
    for line in lines:
        if line.source not in sources:
            raise OrderSetError(f"Line {line.code}: the source {line.source} is not defined.")
        if outside := sorted(set(line.conditions) - set(conditions)):
            raise OrderSetError(f"Line {line.code}: {outside[0]} is no condition of its set.")
    return OrderSet(code, entry["name"], conditions, lines)


def _line(code: str, entry: Mapping[str, Any], conditions: tuple[str, ...], source: str) -> OrderLine:
    where = f"Line {code}"
    kinds = [kind for kind in KINDS if kind in entry]
    if len(kinds) != 1:
        raise OrderSetError(f"{where} needs exactly one of: {', '.join(KINDS)}.")
    if unknown := sorted(entry.keys() - _OWN):
        raise OrderSetError(f"{where}: {unknown[0]} is not known.")
    kind: Kind = kinds[0]
    text = str(entry[kind])
    order, by_weight = (None, None) if kind != "medicine" else _dose(where, text, entry)
    try:
        line = OrderLine(
            code=code,
            kind=kind,
            text=text,
            conditions=_listed(entry["for"]) if "for" in entry else conditions,
            source=str(entry.get("source", source)),
            order=order,
            by_weight=by_weight,
            **{name: entry[name] for name in _OPTIONAL if name in entry},
        )
        _check(where, line)
    except TypeError as error:
        raise OrderSetError(f"{where}: {error}.") from error
    return line


def _dose(where: str, text: str, entry: Mapping[str, Any]) -> tuple[Order | None, ByWeight | None]:
    if "mg_per_kg_day" in entry:
        named = medicine_named(text).medicine
        if named is None or named.child is None:
            raise OrderSetError(f"{where}: the library has no dose by weight of {text!r}.")
        most = float(entry.get("most_a_day", named.day_high))
        return None, ByWeight(named, float(entry["mg_per_kg_day"]), int(entry.get("times_a_day", 0)), most)
    read = read_order(text)
    if read.order is None or read.questions:
        raise OrderSetError(f"{where}: {' '.join(read.questions)}")
    return read.order, None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _check(where: str, line: OrderLine) -> None:
    if line.pregnancy not in _PREGNANCY or line.sex not in {"", "male", "female"}:
        raise OrderSetError(f"{where}: pregnancy is no, only or ask; sex is male or female.")
    if not 0 <= line.from_age < line.under_age:
        raise OrderSetError(f"{where}: its ages are not in order.")
    if line.kind in {"medicine", "test"} and not line.why.endswith("."):
        raise OrderSetError(f"{where} needs a sentence that says why.")
    if line.by_weight is not None:
        _check_weight(where, line.by_weight, line)
    elif line.order is not None and (faults := _faults(line.order, line)):
        raise OrderSetError(f"{where}: {' '.join(faults)}")


def _check_weight(where: str, dose: ByWeight, line: OrderLine) -> None:
    low, high = _child_range(dose.medicine)
    if not low <= dose.mg_per_kg_day <= high or dose.times_a_day < 1:
        raise OrderSetError(f"{where}: {dose.medicine.name} goes from {low:g} to {high:g} mg per kg a day.")
    if line.under_age > CHILD_UNDER:
        raise OrderSetError(f"{where}: doses by weight are for children under {CHILD_UNDER}.")


def _child_range(medicine: Medicine) -> tuple[float, float]:
    if medicine.child is None:
        raise OrderSetError(f"The library has no dose by weight of {medicine.name}.")
    return medicine.child


def _faults(order: Order, line: OrderLine) -> Iterable[str]:
    """What the library says against the dose in a grown person of the line's ages."""
    age = min(max(line.from_age, _GROWN), line.under_age)
    return [alert.text for alert in dose_alerts(Patient(age=age), order)]
