"""A roster as CSV: who is in the course. Canvas, Moodle and plain column names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tutor.interchange.problems import Problem
from tutor.interchange.tables import Row, Table, find, missing_column
from tutor.interchange.writing import unneutralised

NAME = ("name", "Student", "Student Name", "full name", "learner", "pupil", "Full name", "姓名")
FIRST = ("first name", "given name", "firstname", "givenName", "名")
LAST = ("last name", "surname", "family name", "lastname", "familyName", "sortable name", "姓")
NUMBER = (
    "number", "student number", "SIS User ID", "ID number", "idnumber", "user id", "student id", "SIS Login ID",
    "username", "login id", "sourcedId", "学号",
)  # fmt: skip
EMAIL = ("email", "e mail", "Email address", "email address", "mail", "邮箱")
SECTION = ("section", "sections", "Section", "group", "class", "班级")
GROUPS = ("groups", "accommodations", "tags")
_EMAIL = re.compile(r"[^@\s,;<>\"']{1,64}@[^@\s,;<>\"']{1,190}\.[^@\s.]{2,63}")
LONGEST = {"name": 200, "number": 120, "section": 40, "group": 60}


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One learner of a file. Empty fields were empty, or the file has no such column."""

    line: int
    name: str
    number: str
    email: str
    section: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The learners that can be taken over, and what is wrong with the others."""

    rows: tuple[RosterRow, ...]
    problems: tuple[Problem, ...]
    has_section: bool
    has_groups: bool


@dataclass(frozen=True, slots=True)
class _Columns:
    name: str
    first: str
    last: str
    number: str
    email: str
    section: str
    groups: str


def read_roster(table: Table) -> Roster:
    """Read the learners of a table; a learner without a number or an e-mail address is known by nothing and left out.

    Raises:
        UnreadableFileError: no column holds names, or none holds numbers or addresses.
    """
    of = table.columns
    columns = _Columns(
        find(of, *NAME), find(of, *FIRST), find(of, *LAST), find(of, *NUMBER), find(of, *EMAIL),
        find(of, *SECTION), find(of, *GROUPS),
    )  # fmt: skip
    if not columns.name and not columns.last and not columns.first:
        raise missing_column(NAME, of)
    if not columns.number and not columns.email:
        raise missing_column(NUMBER, of)
    rows: list[RosterRow] = []
    problems = list(table.problems)
    seen: dict[tuple[str, str], int] = {}
    for row in table.rows:
        if is_points_row(row.cells.get(columns.name, "")):
            continue
        learner, faults = _learner(row, columns)
        for kind, value in (("number", learner.number.casefold()), ("email", learner.email.casefold())):
            if not value:
                continue
            if (kind, value) in seen:
                column = columns.number if kind == "number" else columns.email
                faults.append(
                    Problem(
                        row.line,
                        column,
                        _("The same learner is on line %(line)s already: remove one of the two.")
                        % {"line": seen[kind, value]},
                    )
                )
            else:
                seen[kind, value] = row.line
        problems += faults
        if not faults:
            rows.append(learner)
    problems.sort(key=lambda one: one.line)
    return Roster(tuple(rows), tuple(problems), bool(columns.section), bool(columns.groups))


def is_points_row(name: str) -> bool:
    """Return whether a row is Canvas' second header ("Points Possible") or its made-up student."""
    return name.strip().casefold() in {"points possible", "student, test", "test student"}


def straight_name(name: str) -> str:
    """Return "Ada Lovelace" for "Lovelace, Ada", as gradebooks write it."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and given.strip() and "," not in given else name


def is_email(text: str) -> bool:
    return bool(_EMAIL.fullmatch(text))


def _learner(row: Row, columns: _Columns) -> tuple[RosterRow, list[Problem]]:
    def cell(column: str) -> str:
        return unneutralised(row.cells.get(column, "")) if column else ""

    name = straight_name(cell(columns.name)) or f"{cell(columns.first)} {cell(columns.last)}".strip()
    number, email = cell(columns.number), cell(columns.email)
    groups = tuple(dict.fromkeys(part.strip() for part in re.split(r"[;|]", cell(columns.groups)) if part.strip()))
    learner = RosterRow(row.line, " ".join(name.split()), number, email, cell(columns.section), groups)
    faults = []
    if not learner.name:
        faults.append(Problem(row.line, columns.name or columns.last, _("The name is missing: fill it in.")))
    if not number and not email:
        faults.append(
            Problem(
                row.line,
                columns.number or columns.email,
                _("Neither a number nor an e-mail address: fill one in, so that the learner can be told apart."),
            )
        )
    if email and not is_email(email):
        faults.append(Problem(row.line, columns.email, _("This is no e-mail address: correct it or leave it empty.")))
    faults += _too_long(row.line, columns, learner)
    return learner, faults


def _too_long(line: int, columns: _Columns, learner: RosterRow) -> Sequence[Problem]:
    checked = (
        (columns.name or columns.last, learner.name, LONGEST["name"]),
        (columns.number, learner.number, LONGEST["number"]),
        (columns.section, learner.section, LONGEST["section"]),
        (columns.groups, max(learner.groups, key=len, default=""), LONGEST["group"]),
    )
    return [
        Problem(line, column, _("Longer than %(limit)s characters: shorten it.") % {"limit": limit})
        for column, value, limit in checked
        if len(value) > limit
    ]
