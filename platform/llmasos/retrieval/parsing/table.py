"""Tables (CSV): each row a line that names its columns, so that it can be found and quoted on its own."""

from __future__ import annotations

import csv

from django.utils.translation import gettext as _

from llmasos.retrieval.parsing.types import UnreadableError

_SEPARATORS = ",;\t|"
_SAMPLE = 16_384


def read(text: str) -> str:
    """Return the rows under the first one, which names the columns. Raises ``UnreadableError`` for no table."""
    try:
        names, *rows = csv.reader(text.splitlines(), _dialect(text[:_SAMPLE]))
    except (csv.Error, ValueError):
        raise UnreadableError(_("The table cannot be read. Save it as CSV with a first row of column names.")) from None
    # A row is a paragraph: a quotation takes it without its neighbours.
    return "\n\n".join(line for row in rows if (line := _line(names, row)))


def _dialect(sample: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(sample, _SEPARATORS)
    except csv.Error:
        return csv.excel


def _line(names: list[str], row: list[str]) -> str:
    cells = (
        f"{names[number].strip()}: {cell.strip()}" if number < len(names) and names[number].strip() else cell.strip()
        for number, cell in enumerate(row)
        if cell.strip()
    )
    return "; ".join(cells)
