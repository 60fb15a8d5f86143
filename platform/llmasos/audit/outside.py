"""What is known of the logs from outside the database: signed checkpoints, their keys, and whether any is gone.

The anchor of trust is the keys that are kept with the checkpoints outside (or the key that the operator gives), never
the rows of the database, which belong to whoever owns it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from llmasos.audit.faults import Fault, FaultKind
from llmasos.audit.merkle import CompactRange
from llmasos.audit.models import Checkpoint
from llmasos.audit.notes import (
    Note,
    NoteError,
    Statement,
    Verifier,
    parse_notes,
    parse_statement,
    signer_of,
    trusted_keys,
)
from llmasos.audit.scope import log_of
from llmasos.audit.stores import LEAF_BYTES, Kept, ReadableStore
from llmasos.audit.types import PLATFORM

# A checkpoint is in the journal a moment before its transaction commits.
_COMMIT_SECONDS = 3.0
# Who holds a checkpoint: the folder outside, the database before and after that was read, what the operator gave.
_JOURNAL, _BEFORE, _DATABASE, _GIVEN = "journal", "before", "database", "given"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The trusted checkpoints of each log, by size; what is missing; and the leaf hashes that were kept."""

    checkpoints: dict[UUID, tuple[Statement, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    keys: tuple[Verifier, ...] = ()
    _kept: tuple[Kept, ...] = ()

    def of(self, organisation_id: UUID) -> tuple[Statement, ...]:
        """Return the checkpoints of one log, smallest first."""
        return self.checkpoints.get(organisation_id, ())

    def original_leaves(self, organisation_id: UUID) -> bytes:
        """Return the leaf hashes under the last checkpoint as they were signed; b"" where no store kept them."""
        known = self.of(organisation_id)
        if not known:
            return b""
        last = known[-1]
        for kept in self._kept:
            leaves = kept.leaves(organisation_id)[: last.size * LEAF_BYTES]
            tree = CompactRange()
            for at in range(0, len(leaves), LEAF_BYTES):
                tree.append(leaves[at : at + LEAF_BYTES])
            if tree.size == last.size and tree.root() == last.root:
                return leaves
        return b""


@dataclass(slots=True)
class _Log:
    """The checkpoints of one log that a trusted key signed, by number, each with who holds it."""

    notes: dict[int, dict[str, Statement]] = field(default_factory=dict)
    holders: dict[str, set[int]] = field(default_factory=dict)
    forged: list[tuple[int, int]] = field(default_factory=list)

    def one(self, number: int) -> Statement | None:
        found = self.notes.get(number)
        return next(iter(found.values())) if found else None


def gather(
    journal: ReadableStore, *, given: Sequence[ReadableStore] = (), pinned: Sequence[str] = (), only: UUID | None = None
) -> Evidence:
    """Read the checkpoints from the journal and from ``given`` stores and compare them with the database's copies.

    ``pinned`` are verifier keys or fingerprints that the operator trusts. ``only`` names the one log to compare.

    Raises:
        StoreError: a store cannot be read.
    """
    # The order matters while checkpoints are being made: the journal has what the database had before, and the
    # database then has what the journal had.
    stores = [store.fetch() for store in given]
    before = _rows(only)
    first = journal.fetch()
    anchors = [kept for kept in stores if kept.keys] or [first]
    keys: dict[bytes, Verifier] = {}
    for kept in anchors:
        keys |= trusted_keys(kept.keys, pinned=pinned)
    reader = _Reader(keys)
    for number, kept in enumerate(stores):
        reader.take(f"{_GIVEN} {number}", kept.notes)
    reader.take(_JOURNAL, first.notes)
    for row in before:
        reader.take_row(_BEFORE, row)
    reader.take_database(only)
    checkpoints = {log: tuple(_by_size(found)) for log, found in reader.logs.items() if found.notes}
    faults = tuple(reader.faults(only))
    return Evidence(checkpoints, faults, tuple(keys.values()), (*stores, first))


class _Reader:
    def __init__(self, keys: dict[bytes, Verifier]) -> None:
        self._keys = keys
        self.logs: dict[UUID, _Log] = {}

    def take(self, holder: str, notes: Iterable[Note]) -> None:
        """Sort the notes of a store into their logs."""
        parsed = []
        for note in notes:
            try:
                parsed.append((note, parse_statement(note)))
            except NoteError:
                continue
        # From the last one back: a note that a trusted one names by its hash needs no look at its signature.
        vouched: set[str] = set()
        for note, statement in sorted(parsed, key=lambda pair: -pair[1].serial):
            log = self.logs.setdefault(statement.organisation, _Log())
            if note.hash in vouched or signer_of(note, self._keys) is not None:
                vouched |= {statement.previous, statement.before}
                log.notes.setdefault(statement.number, {})[note.hash] = statement
                log.holders.setdefault(holder, set()).add(statement.number)
            else:
                log.forged.append((statement.number, statement.size))

    def take_row(self, holder: str, row: Checkpoint) -> None:
        """Take a copy of the database, which must say what its note says."""
        notes = list(parse_notes(row.note or ""))
        if len(notes) == 1 and _says(row, notes[0]):
            self.take(holder, notes)
        else:
            self.logs.setdefault(row.organisation_id, _Log()).forged.append((row.number, row.size))

    def take_database(self, only: UUID | None) -> None:
        """Take the database's copies as they are once the newest is committed."""
        waited_until = time.monotonic() + _COMMIT_SECONDS
        while True:
            rows = _rows(only)
            newest = {(row.organisation_id, row.number) for row in rows}
            if time.monotonic() > waited_until or not self._lack_newest(newest, only):
                break
            time.sleep(0.1)
        for row in rows:
            self.take_row(_DATABASE, row)

    def _lack_newest(self, copied: set[tuple[UUID, int]], only: UUID | None) -> bool:
        for log, found in self.logs.items():
            kept = found.holders.get(_JOURNAL, set())
            lacking = {number for number in kept if (log, number) not in copied}
            if only in {None, log} and lacking and lacking == {max(kept)}:
                return True
        return False

    def faults(self, only: UUID | None) -> Iterator[Fault]:
        """Name what is not as it was signed."""
        gaps = 0
        for log in sorted(self.logs, key=str):
            if only is None or log == only:
                found = self.logs[log]
                known = sorted(found.notes)
                gap = sorted(set(range(1, max(known, default=0))) - set(known))
                gaps += len(gap)
                yield from self._missing(log, found, set(gap))
                yield from _contradictions(log, found)
        if only is None:
            yield from self._serials(gaps)

    def _missing(self, log: UUID, found: _Log, gap: set[int]) -> Iterator[Fault]:
        known = set(found.notes)
        held = {holder: found.holders.get(holder, set()) for holder in (_JOURNAL, _BEFORE, _DATABASE)}
        given = {holder: numbers for holder, numbers in found.holders.items() if holder.startswith(_GIVEN)}
        anywhere = set().union(*given.values())
        missing = gap | (anywhere | held[_BEFORE]) - held[_JOURNAL] | (anywhere | held[_JOURNAL]) - held[_DATABASE]
        for numbers in given.values():
            missing |= {number for number in known if min(numbers) < number < max(numbers)} - numbers
        for number in sorted(missing):
            this = found.one(number)
            before = _nearest(found, number, -1)
            after = this or _nearest(found, number, +1)
            start = before.size + 1 if before else 1
            end = after.size if after else start
            yield Fault("checkpoint_missing", str(log), start, end, before.time if before else "")
        for number, size in sorted(set(found.forged)):
            # Where the genuine one is known, its absence is named above.
            if number not in known:
                yield Fault("checkpoint_missing", str(log), 1, max(size, 1), "")

    def _serials(self, gaps: int) -> Iterator[Fault]:
        """Notice checkpoints that are gone everywhere, by the installation's own count."""
        serials: dict[int, str] = {}
        for found in self.logs.values():
            for same in found.notes.values():
                for statement in same.values():
                    serials[statement.serial] = statement.time
        absent = sorted(set(range(1, max(serials, default=0))) - set(serials))
        if len(absent) > gaps:
            since = max((at for serial, at in serials.items() if serial < absent[0]), default="")
            yield Fault("checkpoint_missing", str(PLATFORM), 1, len(absent) - gaps, since)


def _rows(only: UUID | None) -> list[Checkpoint]:
    if only is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT organisation_id FROM audit_checkpoint_organisations()")
            logs = [row[0] for row in cursor.fetchall()]
    else:
        logs = [only]
    rows: list[Checkpoint] = []
    for log in logs:
        with log_of(log):
            # When a row says it was signed is not believed, and need not even be a time.
            rows.extend(Checkpoint.objects.filter(organisation_id=log).defer("created_at").order_by("number"))
    return rows


def _by_size(found: _Log) -> list[Statement]:
    return sorted(
        (one for same in found.notes.values() for one in same.values()), key=lambda one: (one.size, one.number)
    )


def _contradictions(log: UUID, found: _Log) -> Iterator[Fault]:
    """Name signed checkpoints that cannot all be true of one log, and times that run backwards."""
    before: Statement | None = None
    before_hash = ""
    for number in sorted(found.notes):
        same = found.notes[number]
        (digest, statement), *others = same.items()
        start = before.size + 1 if before and before.number == number - 1 else 1
        since = before.time if before else ""

        def fault(kind: FaultKind, *, start: int = start, end: int = statement.size, since: str = since) -> Fault:
            return Fault(kind, str(log), min(start, end), end, since)

        if others or (before is not None and before.number == number - 1 and statement.previous != before_hash):
            yield fault("fork")
        if before is not None and statement.moment < before.moment:
            yield fault("clock_back")
        before, before_hash = statement, digest


def _nearest(found: _Log, number: int, step: int) -> Statement | None:
    numbers = [known for known in found.notes if (known - number) * step > 0]
    return found.one(min(numbers, key=lambda known: abs(known - number))) if numbers else None


def _says(row: Checkpoint, note: Note) -> bool:
    try:
        statement = parse_statement(note)
    except NoteError:
        return False
    return (
        (row.organisation_id, row.number, row.serial, row.size)
        == (statement.organisation, statement.number, statement.serial, statement.size)
        and bytes(row.root or b"") == statement.root
        and bytes(row.chain_hash or b"") == statement.chain
    )
