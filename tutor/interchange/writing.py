"""Writing tables so that a spreadsheet opens them as what they are, and runs nothing that a learner typed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

BYTE_ORDER_MARK = "\ufeff"
# What spreadsheets take for the start of a formula (OWASP, CSV injection), full-width forms included.
_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")

Cell = str | int | Decimal | None


def safe_cell(value: Cell) -> str:
    """Return a cell's text; text that a spreadsheet would run gets an apostrophe in front, numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return number(value)
    text = str(value)
    if text.lstrip(" \u00a0\u200b").startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unneutralised(text: str) -> str:
    """Return what :func:`safe_cell` was given, so that a file that came from here reads the same again."""
    rest = text[1:]
    return rest if text.startswith("'") and rest and safe_cell(rest) == text else text


def number(value: Decimal) -> str:
    """Return a number with a point, without an exponent and without zeros at its end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def table_text(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, decimal_comma: bool = False) -> str:
    """Return a table as CSV with the mark that tells spreadsheets it is UTF-8.

    ``decimal_comma`` writes numbers and separators as spreadsheets of comma countries read them.
    """
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, delimiter=";" if decimal_comma else ",", lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in header])
    for row in rows:
        writer.writerow([_localised(cell, decimal_comma=decimal_comma) for cell in row])
    return out.getvalue()


def _localised(cell: Cell, *, decimal_comma: bool) -> str:
    if decimal_comma and isinstance(cell, Decimal):
        return number(cell).replace(".", ",")
    return safe_cell(cell)
