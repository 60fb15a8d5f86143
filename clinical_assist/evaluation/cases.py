"""Files of labelled cases for the differential, one JSON object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinical_assist.knowledge.types import Condition
from llmasos.retrieval.evaluators import EvaluationError

_WORDS = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Case:
    """A person with findings or a text, and the names and ICD-10 categories that count as right.

    ``known`` is false when the condition is none of any knowledge base's (``condition: null``).
    """

    id: str
    age: float | None
    sex: str
    findings: tuple[tuple[str, Any, bool], ...]
    text: str
    names: tuple[str, ...]
    categories: tuple[str, ...]
    known: bool

    def is_hit(self, condition: Condition) -> bool:
        """Whether a condition is right: its code falls in a category, or a name or synonym is one of the names."""
        own = {normal(name) for name in (condition.name, *condition.synonyms)}
        return any(normal(name) in own for name in self.names) or any(
            _falls(code, category) for code in condition.icd10 for category in self.categories
        )


def read(path: Path) -> list[Case]:
    """Read all cases. Raises EvaluationError naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path.name} cannot be read: {error}.") from error
    cases = [_case(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise EvaluationError(f"{path.name} holds no cases.")
    return cases


def normal(name: str) -> str:
    """A name without case and punctuation."""
    return " ".join(_WORDS.findall(name.lower()))


def _case(line: str, where: str) -> Case:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise EvaluationError(f"{where}: this is no JSON object ({error}).") from error
    if not isinstance(row, dict):
        raise EvaluationError(f"{where}: this is no JSON object.")
    if not isinstance(row.get("text"), str) and not isinstance(row.get("findings"), list):
        raise EvaluationError(f"{where}: neither findings nor a text.")
    if "condition" not in row and "icd10" not in row:
        raise EvaluationError(f"{where}: condition is missing (null where it is outside every knowledge base).")
    names = _listed(row.get("condition"))
    categories = _listed(row.get("icd10"))
    age = row.get("age")
    if age is not None and not isinstance(age, int | float):
        raise EvaluationError(f"{where}: age is a number of years or null, not {age!r}.")
    return Case(
        id=str(row.get("id", where)),
        age=age,
        sex={"m": "male", "f": "female"}.get(str(row.get("sex") or "").lower()[:1], ""),
        findings=tuple(_finding(entry, where) for entry in row.get("findings") or ()),
        text=str(row.get("text") or ""),
        names=names,
        categories=categories,
        known=bool(names or categories),
    )


def _finding(entry: Any, where: str) -> tuple[str, Any, bool]:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("code"), str):
        raise EvaluationError(f"{where}: a finding is an object with a code.")
    return entry["code"], entry.get("value"), entry.get("present", True) is not False


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)


def _falls(code: str, category: str) -> bool:
    code, category = code.replace(".", "").upper(), category.replace(".", "").upper()
    first, dash, last = category.partition("-")
    return first <= code[: len(first)] <= last if dash else code.startswith(category)
