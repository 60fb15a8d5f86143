"""Rows of medicines and rules from a file: CSV with a header, or TOML; each row that is wrong is named with its place.

A row changes the columns that it has; the others stay as they are in use. Rows that the file does not have stay too.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from clinical_assist.medicines import columns
from clinical_assist.medicines.columns import COLUMNS, KEYS, Row, code_of
from clinical_assist.medicines.curating.versions import with_rows
from clinical_assist.medicines.naming import medicine_named
from clinical_assist.medicines.reading import FaultyTablesError

LARGEST_FILE: Final = 1024 * 1024
_DELIMITERS: Final = ",;|\t"


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row of a file, and where it stands: a line, or its place among those of its table."""

    where: str
    text: str


class FileError(ValueError):
    """A file with rows that are wrong, all of them; nothing of it is taken."""

    def __init__(self, rows: list[RowError]) -> None:
        self.rows = rows
        super().__init__("; ".join(f"{one.where}: {one.text}" for one in rows))


@dataclass(frozen=True, slots=True)
class _Given:
    table: str
    where: str
    values: Row


def from_text(text: str, present: str) -> str:
    """Return what is in use with the rows of a file's text. Raises FileError."""
    errors: list[RowError] = []
    given = list(_csv(text, errors) if _header(text) is not None else _toml(text, errors))
    _base, tables = columns.parsed(present)
    rows: dict[str, dict[str, Row]] = {}
    places: dict[tuple[str, str], str] = {}
    for one in given:
        code = code_of(one.table, one.values)
        if missing := [key for key in KEYS[one.table] if not one.values.get(key)]:
            errors.append(RowError(one.where, _("%(column)s: It is missing.") % {"column": missing[0]}))
        elif one.table == "medicines" and code not in tables["medicines"] and (meant := _meant(one)):
            said = _(
                "No medicine has the generic name “%(name)s”. Did you mean: %(choices)s? A new one needs all columns."
            )
            errors.append(RowError(one.where, said % {"name": code, "choices": ", ".join(meant)}))
        elif (one.table, code) in places:
            said = _("%(code)s stands at %(place)s already.")
            errors.append(RowError(one.where, said % {"code": code, "place": places[one.table, code]}))
        else:
            places[one.table, code] = one.where
            blank = dict.fromkeys(COLUMNS[one.table], "")
            rows.setdefault(one.table, {})[code] = {**blank, **tables[one.table].get(code, {}), **one.values}
    try:
        made = with_rows(present, rows)
    except FaultyTablesError as error:
        errors += [
            RowError(places.get((one.table, one.code), f"{one.table}, {one.code}"), one.said) for one in error.faults
        ]
    order = {one.where: number for number, one in enumerate(given)}
    errors.sort(key=lambda one: order.get(one.where, len(order)))
    if not errors and not given:
        errors.append(RowError(_("the file"), _("There is no row.")))
    if errors:
        raise FileError(errors)
    return made


def _meant(given: _Given) -> tuple[str, ...]:
    """Return which medicines a row that is no whole new one may be of: by another of their names, or nearly."""
    if given.values.get("classes"):
        return ()
    named = medicine_named(given.values["name"])
    return (named.medicine.name,) if named.medicine else named.suggestions


def _header(text: str) -> list[str] | None:
    """Return the columns of a CSV's first line with its delimiter at the end, None where the text is no CSV."""
    first = text.lstrip("\ufeff").lstrip().partition("\n")[0].strip()
    for delimiter in _DELIMITERS:
        names = [name.strip().strip('"') for name in first.split(delimiter)]
        if len(names) > 1 and set(names) & {key for keys in KEYS.values() for key in keys}:
            return [*names, delimiter]
    return None


def _csv(text: str, errors: list[RowError]) -> Iterator[_Given]:
    *names, delimiter = _header(text) or []
    table = next((table for table, keys in KEYS.items() if set(keys) <= set(names)), "")
    unknown = [name for name in names if table and name not in COLUMNS[table]]
    if not table or unknown or len(set(names)) < len(names):
        said = (
            _("There is no column %(column)s.") % {"column": unknown[0]} if unknown
            else _("The columns name no row. Give name; or first and second; or group and members; or measure, side,"
                   " bound and class; or code.")
        )  # fmt: skip
        errors.append(RowError(_("line %(number)s") % {"number": 1}, said))
        return
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff").lstrip()), delimiter=delimiter)
    next(lines)
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        where = _("line %(number)s") % {"number": lines.line_num}
        if len(cells) != len(names):
            said = _("It has %(given)s fields; the first line has %(wanted)s.")
            errors.append(RowError(where, said % {"given": len(cells), "wanted": len(names)}))
        else:
            values = {name: " ".join(cell.split()) for name, cell in zip(names, cells, strict=True)}
            yield _Given(table, where, values)


def _toml(text: str, errors: list[RowError]) -> Iterator[_Given]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = _("This is neither CSV with a header nor TOML: %(error)s") % {"error": error}
        errors.append(RowError(_("the file"), said))
        return
    for table, entries in found.items():
        if table not in COLUMNS or not isinstance(entries, dict | list):
            said = _("There is no such table. There are: %(tables)s.") % {"tables": ", ".join(COLUMNS)}
            errors.append(RowError(table, said))
            continue
        for where, entry in _entries(table, entries):
            if isinstance(entry, Mapping):
                yield _Given(table, where, {column: _written(value) for column, value in entry.items()})
            else:
                errors.append(RowError(where, _("This is no row.")))


def _entries(table: str, entries: Any) -> Iterator[tuple[str, Any]]:
    """Rows under their name, where one column names them, or one after the other."""
    if isinstance(entries, list):
        yield from ((f"{table} {number}", entry) for number, entry in enumerate(entries, 1))
        return
    for code, entry in entries.items():
        key = KEYS[table][0]
        named = {key: code, **entry} if isinstance(entry, Mapping) and len(KEYS[table]) == 1 else entry
        yield f"{table}.{code}", named


def _written(value: Any) -> str:
    """A value of TOML as the tables write it: lists by semicolons, numbers without needless digits."""
    if isinstance(value, list):
        return ";".join(map(_written, value))
    return f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())
