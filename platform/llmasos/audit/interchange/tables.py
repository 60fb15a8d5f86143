"""The log as a table for spreadsheets and as JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from uuid import UUID

from llmasos.audit.canonical import written_time
from llmasos.audit.reading import Placed, Selection, placed_entries

COLUMNS = (
    *("seq", "recorded_at", "action", "outcome", "actor_kind", "actor_id", "actor_role", "subject_kind", "subject_id"),
    *("object_kind", "object_id", "purpose", "request_id", "id", "organisation", "sequenced_at", "digests"),
    *("leaf_hash", "chain_hash"),
)
# A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_lines(organisation_id: UUID, selection: Selection) -> Iterator[str]:
    """Yield a table as in RFC 4180, header first. Cells that a spreadsheet would compute begin with an apostrophe."""
    yield _row(COLUMNS)
    for placed in placed_entries(organisation_id, selection):
        yield _row(_cells(placed))


def json_lines(organisation_id: UUID, selection: Selection) -> Iterator[str]:
    """Yield one JSON object a line: the entry with its place in the log."""
    for placed in placed_entries(organisation_id, selection):
        yield f"{entry_json(placed)}\n"


def entry_json(placed: Placed) -> str:
    """Return an entry with its place in the log as one line of JSON, in ASCII."""
    line = {
        "seq": placed.seq,
        **placed.document,
        "sequenced_at": written_time(placed.sequenced_at),
        "leaf_hash": placed.leaf_hash.hex(),
        "chain_hash": placed.chain_hash.hex(),
    }
    return json.dumps(line, separators=(",", ":"))


def _cells(placed: Placed) -> tuple[str, ...]:
    entry = placed.entry
    return (
        str(placed.seq),
        written_time(entry.recorded_at),
        entry.action,
        entry.outcome,
        entry.actor_kind,
        str(entry.actor_id or ""),
        entry.actor_role,
        entry.subject_kind,
        str(entry.subject_id or ""),
        entry.object_kind,
        str(entry.object_id or ""),
        entry.purpose,
        entry.request_id,
        str(entry.pk),
        str(entry.organisation_id),
        written_time(placed.sequenced_at),
        json.dumps(entry.digests, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        placed.leaf_hash.hex(),
        placed.chain_hash.hex(),
    )


def _row(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return line.getvalue()
