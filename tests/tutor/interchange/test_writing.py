"""What spreadsheets open runs nothing, and numbers stay numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.interchange.writing import number, safe_cell, table_text, unneutralised


@pytest.mark.parametrize(
    "typed", ["=1+1", "+cmd|'/C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "=HYPERLINK(1)"]
)
def test_a_formula_becomes_text(typed: str) -> None:
    assert safe_cell(typed) == f"'{typed}"


@pytest.mark.parametrize("typed", ["-2", "+2.5", "3,5", "Ada", "O'Neill", ""])
def test_numbers_and_words_stay(typed: str) -> None:
    assert safe_cell(typed) == typed


@given(st.text(max_size=30))
def test_text_comes_back_and_never_begins_a_formula(typed: str) -> None:
    written = safe_cell(typed)
    if written != typed:
        assert written.startswith("'")
        assert unneutralised(written) == typed


@pytest.mark.parametrize(("value", "text"), [("1.50", "1.5"), ("100", "100"), ("0.00", "0"), ("1E+2", "100")])
def test_numbers_have_no_exponent_and_no_idle_zeros(value: str, text: str) -> None:
    assert number(Decimal(value)) == text


def test_a_table_says_that_it_is_utf_8_and_keeps_commas_in_names() -> None:
    assert table_text(["Name", "Points"], [("Lovelace, Ada", Decimal("1.5"))]) == (
        '\ufeffName,Points\r\n"Lovelace, Ada",1.5\r\n'
    )


def test_comma_countries_get_commas_and_semicolons() -> None:
    assert table_text(["n"], [(Decimal("-1.5"),)], decimal_comma=True) == "\ufeffn\r\n-1,5\r\n"
