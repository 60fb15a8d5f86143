"""Tables (CSV): each row a line that names its columns, so that it can be found and quoted on its own."""

from __future__ import annotations

import csv
import io

from django.utils.translation import gettext as _

from llmasos.retrieval.parsing.types import UnreadableError

MAX_CHARACTERS = 20_000_000
_SEPARATORS = ",;\t|"
_SAMPLE = 16_384
# Each cell repeats its column's name.
_NAME_CHARACTERS = 100


def read(text: str) -> str:
    """Return the rows under the first one, which names the columns. Raises ``UnreadableError`` for no table."""
    lines: list[str] = []
    total = 0
    try:
        # Row by row: what the rows become can be far longer than the file.
        rows = csv.reader(io.StringIO(text, newline=""), _dialect(text[:_SAMPLE]))
        names = [_in_one_line(name)[:_NAME_CHARACTERS].rstrip() for name in next(rows)]
        for row in rows:
            if line := _line(names, row):
                lines.append(line)
                total += len(line) + 2
            if total > MAX_CHARACTERS:
                raise UnreadableError(_("The document is too long. Split it into parts."))
    except (csv.Error, StopIteration):
        raise UnreadableError(_("The table cannot be read. Save it as CSV with a first row of column names.")) from None
    # A row is a paragraph: a quotation takes it without its neighbours.
    return "\n\n".join(lines)


def _dialect(sample: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(sample, _SEPARATORS)
    except csv.Error:
        return csv.excel


def _line(names: list[str], row: list[str]) -> str:
    return "; ".join(
        f"{names[number]}: {cell}" if number < len(names) and names[number] else cell
        for number, cell in enumerate(map(_in_one_line, row))
        if cell
    )


def _in_one_line(cell: str) -> str:
    return " ".join(cell.split())
