"""Scopes of SMART backend services, as versions 1 and 2 write them, for reading alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

TYPES: Final = (
    "Patient", "Encounter", "Condition", "AllergyIntolerance", "MedicationRequest", "Observation", "Procedure",
    "Immunization", "Provenance",
)  # fmt: skip
ALL: Final = "system/*.read"
_SCOPE: Final = re.compile(r"system/(\*|[A-Za-z]+)\.(read|rs|r|s)")
_MEANT: Final = {"read": frozenset("rs"), "rs": frozenset("rs"), "r": frozenset("r"), "s": frozenset("s")}

Act = Literal["r", "s"]


def granted(asked: str, registered: Iterable[str]) -> tuple[str, ...]:
    """Return those of the scopes asked for that the registered ones cover, in their order."""
    held = tuple(registered)
    return tuple(dict.fromkeys(one for one in asked.split() if _covers(held, one)))


def allows(scopes: Iterable[str], type_: str, act: Act) -> bool:
    """Whether the scopes let a program read one resource of a type ("r"), or search it ("s")."""
    return any(found[0] in {"*", type_} and act in found[1] for one in scopes if (found := _read(one)) is not None)


def _covers(held: tuple[str, ...], asked: str) -> bool:
    wanted = _read(asked)
    if wanted is None:
        return False
    type_, acts = wanted
    return all(
        any(found[0] in {"*", type_} and act in found[1] for one in held if (found := _read(one)) is not None)
        for act in acts
    )


def _read(scope: str) -> tuple[str, frozenset[str]] | None:
    match = _SCOPE.fullmatch(scope)
    return (match[1], _MEANT[match[2]]) if match and match[1] in {"*", *TYPES} else None
