"""CSV as spreadsheets write it: encodings, separators, quoted line ends, and rows that do not fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.interchange.problems import UnreadableFileError
from tutor.interchange.tables import find, read_table
from tutor.interchange.writing import table_text

TEXT = 'Name;Number\r\nMüller, Zoë;7\r\n"two\r\nlines";8\r\n'


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
def test_a_table_reads_the_same_in_every_encoding(encoding: str) -> None:
    table = read_table(TEXT.encode(encoding))
    assert [dict(row.cells) for row in table.rows] == [
        {"Name": "Müller, Zoë", "Number": "7"},
        {"Name": "two\nlines", "Number": "8"},
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_header_tells_the_separator(separator: str) -> None:
    table = read_table(f'a{separator}"b,;\tc"\n1{separator}2\n'.encode())
    assert table.columns == ("a", "b,;\tc")
    assert dict(table.rows[0].cells) == {"a": "1", "b,;\tc": "2"}


def test_lines_are_the_files_own_after_quoted_line_ends_and_blank_lines() -> None:
    table = read_table(b'sep=,\na,b\n"x\ny",1\n\n\nz,2\n')
    assert [row.line for row in table.rows] == [3, 7]


def test_a_row_that_is_too_wide_is_named_and_the_others_stay() -> None:
    table = read_table(b"a,b\n1,2\nLovelace, Ada,3\n4\n")
    assert [problem.line for problem in table.problems] == [3]
    assert [dict(row.cells) for row in table.rows] == [{"a": "1", "b": "2"}, {"a": "4", "b": ""}]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,A \n1,2\n", b'a,b\n1,"open\n', b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_what_is_no_table_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(UnreadableFileError) as refusal:
        read_table(content)
    assert str(refusal.value)


def test_columns_are_found_whatever_their_case_and_hyphens() -> None:
    assert find(("E-Mail", "Student_Number"), "student number") == "Student_Number"
    assert find(("E-Mail",), "e mail") == "E-Mail"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20), min_size=1))
def test_what_is_written_is_read_again(cells: list[str]) -> None:
    from tutor.interchange.tables import _clean
    from tutor.interchange.writing import unneutralised

    table = read_table(table_text(["key", "value"], [("k", cell) for cell in cells]).encode())
    read = [unneutralised(row.cells["value"]) for row in table.rows]
    assert read == [unneutralised(_clean(cell)) for cell in cells]
