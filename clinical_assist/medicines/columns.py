"""The tables as rows of texts: their columns, which of them name a row, and what comes with the application."""

from __future__ import annotations

import csv
import functools
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from clinical_assist.medicines.types import Change, MedicineError

Row = Mapping[str, str]
Rows = Mapping[str, Row]
"""The rows of a table by their codes."""
Document = Mapping[str, Rows]
"""All tables by name."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "medicines": (
        "name", "also", "brands", "classes", "unit", "day_low", "day_high", "dose_high", "child_day", "clearance",
        "pregnancy", "lactation", "problems", "source", "checked",
    ),
    "interactions": ("first", "second", "tier", "effect", "advice", "source"),
    "allergies": ("group", "members", "cross", "tier", "advice", "source"),
    "laboratory": ("measure", "unit", "side", "bound", "class", "tier", "effect", "advice", "source"),
    "sources": ("code", "text"),
}  # fmt: skip
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "medicines": ("name",),
    "interactions": ("first", "second"),
    "allergies": ("group", "members"),
    "laboratory": ("measure", "side", "bound", "class"),
    "sources": ("code",),
}
RULES: Final = ("interactions", "allergies", "laboratory")
VERSION: Final = "4"
_FOLDER = Path(__file__).parent / "data"
_MEDICINES = ("heart", "blood", "infection", "pain", "mind", "hormones", "gut-lungs-and-others")
_JOINED: Final = {"laboratory": " "}


def code_of(table: str, row: Row) -> str:
    """Return what names a row among those of its table, such as "lithium + NSAID"."""
    return _JOINED.get(table, " + ").join(_plain(row.get(key, "")) for key in KEYS[table])


@functools.cache
def built_in() -> Document:
    """Return the tables that come with the application. Raises MedicineError when a row stands twice."""
    latest = changes()[0]
    if latest.version != VERSION:
        raise MedicineError(f"changes.toml does not say what version {VERSION} changed.")
    added = {"source": "L", "checked": latest.on.isoformat()}
    found: dict[str, dict[str, Row]] = {
        "medicines": {},
        **{table: {} for table in RULES},
        "sources": {code: {"code": code, "text": text} for code, text in tomllib.loads(_text("sources.toml")).items()},
    }
    for file in (*_MEDICINES, *RULES):
        table = file if file in RULES else "medicines"
        for row in _rows(file):
            complete = {**row, **added} if table == "medicines" else row
            code = code_of(table, complete)
            if code in found[table]:
                raise MedicineError(f"{file}: {code} stands twice.")
            found[table][code] = complete
    return found


@functools.cache
def changes() -> tuple[Change, ...]:
    """Return what changed with each version of the tables that come with the application, the latest first."""
    return tuple(Change(**one) for one in tomllib.loads(_text("changes.toml"))["changes"])


def written(document: Document, base: str = VERSION) -> str:
    """Return tables as the content of a version; ``base`` is the version of the application's that it comes from."""
    return json.dumps({"base": base, **document}, ensure_ascii=False, indent=1)


def parsed(content: str) -> tuple[str, Document]:
    """Return the version that a content was first made from, and its tables. Raises MedicineError."""
    try:
        found: Any = json.loads(content)
        base = str(found.pop("base"))
        return base, {table: {code: dict(row) for code, row in found[table].items()} for table in COLUMNS}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MedicineError("These are no tables of medicines.") from error


def _plain(text: str) -> str:
    """A number as it is written everywhere: 6, never 6.0."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / f"{file}.psv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="|", quoting=csv.QUOTE_NONE):
            if None in row or None in row.values():
                raise MedicineError(f"{file}: the row of {next(iter(row.values()))} has too many or too few fields.")
            yield row


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
