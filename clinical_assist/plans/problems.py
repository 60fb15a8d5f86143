"""Which problems that the medicines know a problem of a record is, and which condition of the knowledge base."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from clinical_assist.intake.engine import Engine
from clinical_assist.record.items import Coding

_TABLE = Path(__file__).parent / "problems.toml"
_BEHIND = re.compile(r"\s*\((?:disorder|finding|situation|event|morphologic abnormality)\)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    words: re.Pattern[str]
    icd10: tuple[str, ...]
    days: int | None


def problems_of(name: str, icd10: Iterable[str], *, onset: date | None, today: date) -> frozenset[str]:
    """Return the medicines' names for a problem. What counts for a time only counts where the onset is unknown."""
    codes = tuple(icd10)
    return frozenset(
        rule.name
        for rule in _rules()
        if (rule.words.search(name) or any(code.startswith(rule.icd10) for code in codes))
        and not (rule.days and onset and (today - onset).days > rule.days)
    )


def names_of_problems() -> frozenset[str]:
    """Return the medicines' names of all problems that a record is read for."""
    return frozenset(rule.name for rule in _rules())


def icd10_of(codings: Iterable[Coding]) -> tuple[str, ...]:
    """Return the ICD-10 codes among codings, whatever edition they name."""
    return tuple(code for system, code, _display in codings if "icd-10" in system.casefold())


def condition_of(name: str, codings: Iterable[Coding], engine: Engine) -> str:
    """Return the code of the condition that a problem is in the knowledge of an engine; empty where it has none.

    By name or synonym first, then by the longest category of ICD-10 that its code lies in.
    """
    wanted = _BEHIND.sub("", name).strip().casefold()
    if found := engine.by_name.get(wanted):
        return found
    fitting = [
        (len(category), condition.code)
        for code in icd10_of(codings)
        for condition in engine.knowledge.conditions
        for category in condition.icd10
        if code.startswith(category)
    ]
    return max(fitting)[1] if fitting else ""


@cache
def _rules() -> tuple[_Rule, ...]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(
        _Rule(
            name,
            re.compile(rf"\b(?:{'|'.join(map(re.escape, one['words']))})\b", re.IGNORECASE),
            tuple(one["icd10"]),
            one.get("days"),
        )
        for name, one in table.items()
    )
