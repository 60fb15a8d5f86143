"""Rosters under the names that Canvas, Moodle and people give their columns, and what is wrong with a row."""

from __future__ import annotations

import pytest

from tutor.interchange.problems import UnreadableFileError
from tutor.interchange.rosters import Roster, read_roster
from tutor.interchange.tables import read_table


def roster(text: str) -> Roster:
    return read_roster(read_table(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "name,number,email,section\nAda Lovelace,7,ada@school.example,9a\n",
        'Student,ID,SIS User ID,Email,Section\n"  Points Possible",,,,\n"Lovelace, Ada",1,7,ada@school.example,9a\n',
        "First name\tSurname\tID number\tEmail address\tGroup\nAda\tLovelace\t7\tada@school.example\t9a\n",
        "姓名,学号,邮箱,班级\nAda Lovelace,7,ada@school.example,9a\n",
    ],
    ids=["plain", "canvas", "moodle", "chinese"],
)
def test_a_learner_is_read_from_every_known_header(text: str) -> None:
    read = roster(text)
    assert read.problems == ()
    assert [(row.name, row.number, row.email, row.section) for row in read.rows] == [
        ("Ada Lovelace", "7", "ada@school.example", "9a")
    ]


@pytest.mark.parametrize(
    ("row", "column"), [(",7,", "name"), ("Ada,,", "number"), ("Ada,7,ada@", "email"), (f"{'a' * 201},7,", "name")]
)
def test_a_fault_names_line_and_column_and_keeps_the_row_out(row: str, column: str) -> None:
    read = roster(f"name,number,email\nBob,1,\n{row}\nCy,2,\n")
    assert [(problem.line, problem.column) for problem in read.problems] == [(3, column)]
    assert [learner.name for learner in read.rows] == ["Bob", "Cy"]


def test_a_learner_who_is_there_twice_is_taken_once_and_the_first_line_is_named() -> None:
    read = roster("name,number\nAda,7\nEve,7\n")
    assert [learner.name for learner in read.rows] == ["Ada"]
    assert read.problems[0].line == 3
    assert "2" in read.problems[0].advice


def test_no_advice_repeats_what_a_cell_says() -> None:
    read = roster("name,number,email\nAda Secret,7,secret\n")
    assert not any("ecret" in problem.advice for problem in read.problems)


def test_groups_are_parted_by_semicolons() -> None:
    assert roster('name,number,groups\nAda,7,"extra time; EAL"\n').rows[0].groups == ("extra time", "EAL")


@pytest.mark.parametrize("header", ["number,email", "name,section"])
def test_a_missing_column_is_said(header: str) -> None:
    with pytest.raises(UnreadableFileError):
        roster(f"{header}\n1,2\n")
