"""What OneRoster 1.1 and 1.2 files say, row by row, with what is wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, TypeVar

from django.utils.translation import gettext as _

from tutor.interchange.problems import Problem
from tutor.interchange.rosters import is_email
from tutor.interchange.tables import Row, Table, find

Part = Literal["student", "teacher", "assistant", "guardian", ""]
_PARTS: Final[Mapping[str, Part]] = {
    "student": "student",
    "teacher": "teacher",
    "aide": "assistant",
    "proctor": "assistant",
    "guardian": "guardian",
    "parent": "guardian",
    "relative": "guardian",
}
LONGEST: Final = 255
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    line: int
    id: str
    gone: bool
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Class:
    line: int
    id: str
    gone: bool
    name: str
    code: str
    course: str
    term: str


@dataclass(frozen=True, slots=True)
class User:
    line: int
    id: str
    gone: bool
    part: Part
    name: str
    email: str
    number: str
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enrollment:
    line: int
    gone: bool
    course: str
    user: str
    part: Part


@dataclass(frozen=True, slots=True)
class Roster:
    """All rows that can be used. ``complete`` says that who is not enrolled in the file is not enrolled."""

    sessions: tuple[Session, ...] = ()
    classes: tuple[Class, ...] = ()
    users: tuple[User, ...] = ()
    enrollments: tuple[Enrollment, ...] = ()
    course_codes: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False
    problems: tuple[Problem, ...] = ()


def read_rows(tables: Mapping[str, Table]) -> Roster:
    """Read the tables of an upload."""
    problems: list[Problem] = []
    roles = {cells("userSourcedId"): cells("role") for _line, cells in _rows(tables, "roles", problems)}
    codes = {cells("sourcedId"): cells("courseCode") for _line, cells in _rows(tables, "courses", problems)}
    manifest = {cells("propertyName"): cells("value") for _line, cells in _rows(tables, "manifest", [])}
    return Roster(
        sessions=tuple(_each(tables, "academicSessions", problems, _session)),
        classes=tuple(_each(tables, "classes", problems, _class)),
        users=tuple(_each(tables, "users", problems, lambda line, cells: _user(line, cells, roles))),
        enrollments=tuple(_each(tables, "enrollments", problems, _enrollment)),
        course_codes=codes,
        complete=manifest.get("file.enrollments", "").casefold() == "bulk",
        problems=tuple(problems),
    )


Cells = Callable[[str], str]


class _RowError(Exception):
    def __init__(self, column: str, advice: str) -> None:
        super().__init__(advice)
        self.column = column


def _rows(tables: Mapping[str, Table], name: str, problems: list[Problem]) -> Iterator[tuple[int, Cells]]:
    table = tables.get(name)
    if table is None:
        return
    problems += [Problem(one.line, one.column, one.advice, file=f"{name}.csv") for one in table.problems]
    for row in table.rows:
        yield row.line, _cells(table, row)


def _cells(table: Table, row: Row) -> Cells:
    def cell(name: str) -> str:
        column = find(table.columns, name)
        return row.cells.get(column, "").strip() if column else ""

    return cell


def _each(
    tables: Mapping[str, Table], name: str, problems: list[Problem], read: Callable[[int, Cells], T]
) -> Iterator[T]:
    for line, cells in _rows(tables, name, problems):
        try:
            yield read(line, cells)
        except _RowError as fault:
            problems.append(Problem(line, fault.column, str(fault), file=f"{name}.csv"))


def _needed(cells: Cells, column: str, longest: int = LONGEST) -> str:
    value = cells(column)
    if not value:
        raise _RowError(column, _("The cell is empty: fill it in."))
    if len(value) > longest:
        raise _RowError(column, _("Longer than %(limit)s characters: shorten it.") % {"limit": longest})
    return value


def _gone(cells: Cells) -> bool:
    return cells("status").casefold() == "tobedeleted"


def _day(cells: Cells, column: str) -> date:
    try:
        return date.fromisoformat(_needed(cells, column)[:10])
    except ValueError:
        raise _RowError(column, _("Write the day as 2026-08-31.")) from None


def _session(line: int, cells: Cells) -> Session:
    starts_on, ends_on = _day(cells, "startDate"), _day(cells, "endDate")
    if ends_on < starts_on:
        raise _RowError("endDate", _("The last day is before the first."))
    return Session(line, _needed(cells, "sourcedId"), _gone(cells), _needed(cells, "title", 80), starts_on, ends_on)


def _class(line: int, cells: Cells) -> Class:
    terms = [one.strip() for one in cells("termSourcedIds").split(",") if one.strip()]
    return Class(
        line,
        _needed(cells, "sourcedId"),
        _gone(cells),
        _needed(cells, "title", 120),
        cells("classCode")[:40],
        cells("courseSourcedId"),
        terms[0] if terms else "",
    )


def _user(line: int, cells: Cells, roles: Mapping[str, str]) -> User:
    key = _needed(cells, "sourcedId")
    part = _PARTS.get((cells("role") or roles.get(key, "")).casefold(), "")
    name = " ".join(f"{cells('givenName')} {cells('familyName')}".split())
    if not name:
        raise _RowError("familyName", _("The name is missing: fill it in."))
    email = cells("email")
    if email and not is_email(email):
        raise _RowError("email", _("This is no e-mail address: correct it or leave it empty."))
    agents = tuple(one.strip() for one in cells("agentSourcedIds").split(",") if one.strip())
    number = (cells("identifier") or cells("username"))[:120]
    return User(line, key, _gone(cells), part, name[:200], email, "" if "@" in number else number, agents)


def _enrollment(line: int, cells: Cells) -> Enrollment:
    return Enrollment(
        line,
        _gone(cells),
        _needed(cells, "classSourcedId"),
        _needed(cells, "userSourcedId"),
        _PARTS.get(cells("role").casefold(), ""),
    )
