"""Reading tables: CSV in the encodings and with the separators that spreadsheets write."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tutor.interchange.problems import Problem, UnreadableFileError

MAX_BYTES = 8 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 500
MAX_CELL = 100_000
SEPARATORS = ",;\t"
# Longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the file's line on which it begins, and its cells by header."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its header, its rows and the rows that have another width."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    separator: str
    encoding: str


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding: by its mark, UTF-16 by its zeros, UTF-8, else Windows Latin-1.

    Raises:
        UnreadableFileError: the bytes are no text.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFileError(
            _("The file is larger than %(size)s MB: split it, or leave out columns.")
            % {"size": MAX_BYTES // 1024 // 1024}
        )
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    if not encoding and len(content) > 1 and b"\0" in content[:400]:
        encoding = "utf-16-le" if content[:400:2].count(0) < content[1:400:2].count(0) else "utf-16-be"
    for candidate in (encoding,) if encoding else ("utf-8", "cp1252", "latin-1"):
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, candidate
    raise UnreadableFileError(_("This is no text file: save the table as CSV (UTF-8) and choose that file."))


def read_table(content: bytes) -> Table:
    """Read a table with one header row; quoted cells may hold separators and line ends.

    Blank lines are skipped. A first line ``sep=;``, as Excel writes, names the separator.

    Raises:
        UnreadableFileError: no table, no header, a header twice, or more than this takes.
    """
    text, encoding = decoded(content)
    skipped = 0
    first = text.partition("\n")[0].strip().lower()
    named = first[4:] if first.startswith("sep=") else ""
    if named in (*SEPARATORS,):
        text, skipped = text.partition("\n")[2], 1
    else:
        named = ""
    separator = named or _separator(text)
    records = list(_records(text, separator, skipped))
    if not records:
        raise UnreadableFileError(_("The file is empty: its first line has to name the columns."))
    columns = tuple(_clean(cell) for cell in records[0][1])
    while columns and not columns[-1]:
        columns = columns[:-1]
    _check_header(columns)
    rows, problems = [], []
    for line, cells in records[1:]:
        if any(cell.strip() for cell in cells[len(columns) :]):
            problems.append(
                Problem(
                    line,
                    "",
                    _("The row has more cells than the header has columns: put text that holds a separator in quotes."),
                )
            )
            continue
        padded = [*cells, *([""] * (len(columns) - len(cells)))]
        rows.append(Row(line, {name: _clean(cell) for name, cell in zip(columns, padded, strict=False)}))
    return Table(columns, tuple(rows), tuple(problems), separator, encoding)


def find(columns: Iterable[str], *names: str) -> str:
    """Return the first column that is one of ``names``, whatever its case, spaces and hyphens; "" if none is."""
    by_name = {folded(column): column for column in columns}
    return next((by_name[folded(name)] for name in names if folded(name) in by_name), "")


def folded(name: str) -> str:
    """Return a column's name as it is compared."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(text.replace("_", " ").replace("-", " ").split())


def missing_column(wanted: Sequence[str], columns: Sequence[str]) -> UnreadableFileError:
    """Say which column is missing; the file's own column names are no names of people."""
    return UnreadableFileError(
        _("The column “%(name)s” is missing. The file may also call it: %(others)s. It has %(count)s columns.")
        % {"name": wanted[0], "others": ", ".join(wanted[1:]) or "—", "count": len(columns)}
    )


def _check_header(columns: Sequence[str]) -> None:
    if not columns:
        raise UnreadableFileError(_("The first line names no columns."))
    if len(columns) > MAX_COLUMNS:
        raise UnreadableFileError(_("The file has more than %(limit)s columns.") % {"limit": MAX_COLUMNS})
    seen: set[str] = set()
    for name in columns:
        if name and folded(name) in seen:
            raise UnreadableFileError(
                _("The column “%(name)s” is there twice: rename or remove one of them.") % {"name": name[:80]}
            )
        seen.add(folded(name))


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell.replace("\r\n", "\n").replace("\r", "\n")).strip("\ufeff \t\n\u00a0")


def _separator(text: str) -> str:
    """Return the separator that the header uses outside quotes: the one that occurs most, the comma on a tie."""
    counts = dict.fromkeys(SEPARATORS, 0)
    quoted = False
    for character in text[:MAX_CELL]:
        if character == '"':
            quoted = not quoted
        elif character in "\r\n" and not quoted:
            if any(counts.values()):
                break
        elif not quoted and character in counts:
            counts[character] += 1
    return max(SEPARATORS, key=lambda one: counts[one])


def _records(text: str, separator: str, skipped: int) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = skipped + 1
    count = 0
    try:
        for cells in reader:
            began, line = line, skipped + reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if any(len(cell) > MAX_CELL for cell in cells):
                raise _too_long(began)
            yield began, cells
            count += 1
            if count > MAX_ROWS + 1:
                raise UnreadableFileError(
                    _("The file has more than %(limit)s rows: split it into several files.") % {"limit": MAX_ROWS}
                )
    except csv.Error as error:
        if "field larger" in str(error):
            raise _too_long(line) from None
        raise UnreadableFileError(
            _("Line %(line)s cannot be read as a row: a quotation mark opens there and does not close.")
            % {"line": line}
        ) from None


def _too_long(line: int) -> UnreadableFileError:
    return UnreadableFileError(
        _("Line %(line)s holds a cell of more than %(limit)s characters.") % {"line": line, "limit": MAX_CELL}
    )
