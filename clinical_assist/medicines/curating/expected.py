"""The list of what must be found and what must stay quiet, held against tables of medicines.

It holds the high-priority class pairs of Phansalkar and others (2012), each by members' generic names and brands, pairs
that go together, and reactions with the relatives that they reach. Written by the same hand as the starter.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from django.utils import translation

from clinical_assist.medicines.checks import check
from clinical_assist.medicines.library import using
from clinical_assist.medicines.naming import medicine_named, reaction_named
from clinical_assist.medicines.types import Alert, Library, Order, Patient

_FILE: Final = Path(__file__).parent / "expected.toml"


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction, an order, and of which tier its alert has to be; None where it must stay quiet."""

    to: str
    ordered: str
    tier: int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """Pairs that must stop the order, pairs that must be quiet, and reactions."""

    pairs: tuple[tuple[str, str], ...]
    quiet: tuple[tuple[str, str], ...]
    reactions: tuple[Reaction, ...]


@cache
def expected() -> Expected:
    """Return the list."""
    found = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Expected(
        pairs=tuple(pair for one in found["pairs"] for pair in product(one["first"], one["second"])),
        quiet=tuple((first, second) for first, second in found["quiet"]),
        reactions=tuple(Reaction(one["to"], one["ordered"], one.get("tier")) for one in found["reactions"]),
    )


def effect(after: Library, before: Library) -> Mapping[str, Any]:
    """Return what of the list holds with each library, and what is lost or comes anew with ``after``.

    For "pairs", "quiet" and "reactions": how many there are ("of"), how many hold with ``after`` ("held"), and in words
    which are "lost" against ``before``, which are "gained", and which hold with neither ("still").
    """
    with translation.override("en"):
        old, new = _broken(before), _broken(after)
    sizes = {"pairs": len(expected().pairs), "quiet": len(expected().quiet), "reactions": len(expected().reactions)}
    return {
        name: {
            "of": size,
            "held": size - len(new[name]),
            "lost": [said for key, said in new[name].items() if key not in old[name]],
            "gained": [said for key, said in old[name].items() if key not in new[name]],
            "still": [said for key, said in new[name].items() if key in old[name]],
        }
        for name, size in sizes.items()
    }


def _broken(tables: Library) -> dict[str, dict[str, str]]:
    """Return what of the list does not hold: by what it is, with what was found instead."""
    with using(tables):
        return {
            "pairs": dict(_unfound(expected().pairs)),
            "quiet": dict(_loud(expected().quiet)),
            "reactions": dict(_astray(expected().reactions)),
        }


def _unfound(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        found = _alerts(*pair)
        tiers = [alert.tier for alert in found or () if alert.kind == "interaction"]
        if 1 not in tiers:
            yield " + ".join(pair), f"{' + '.join(pair)}: {_said(found, tiers)}"


def _loud(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        found = _alerts(*pair)
        if found or found is None:
            said = "not known any more" if found is None else "; ".join(f"{one.rule}: {one.text}" for one in found)
            yield " + ".join(pair), f"{' + '.join(pair)}: {said}"


def _astray(reactions: Sequence[Reaction]) -> Iterator[tuple[str, str]]:
    for one in reactions:
        reaction, _suggestions = reaction_named(one.to)
        found = _alerts(one.ordered, reactions=(reaction,)) if reaction is not None else None
        tiers = [alert.tier for alert in found or () if alert.kind == "allergy"]
        if found is None or min(tiers, default=None) != one.tier:
            wanted = "quiet" if one.tier is None else f"tier {one.tier}"
            key = f"{one.to} → {one.ordered}"
            yield key, f"{key}: {_said(found, tiers)}, {wanted} expected"


def _alerts(*names: str, reactions: tuple[Any, ...] = ()) -> list[Alert] | None:
    """Return what the checks say of medicines without a dose, None where one is not known."""
    medicines = [medicine_named(name).medicine for name in names]
    orders = [Order(one) for one in medicines if one is not None]
    return check(Patient(allergies=reactions), orders) if len(orders) == len(medicines) else None


def _said(found: list[Alert] | None, tiers: Sequence[int]) -> str:
    if found is None:
        return "not known any more"
    return f"tier {min(tiers)}" if tiers else "nothing found"
