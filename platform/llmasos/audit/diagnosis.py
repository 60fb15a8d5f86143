"""Naming what is wrong with a log, entry by entry. Only read where the quick pass found that something is.

Under the last checkpoint the original leaf hashes are compared with those of the entries that are there now, as two
versions of a text are compared: what is missing was deleted, what is new was inserted, what stands in the place of
something missing was changed, what stands elsewhere was reordered. Where no store kept the leaves, and in the window
after the last checkpoint, the links of the chain have to tell.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from llmasos.audit import canonical
from llmasos.audit.alignment import Originals, align
from llmasos.audit.faults import Fault, FaultKind
from llmasos.audit.notes import Statement
from llmasos.audit.scope import log_of
from llmasos.audit.sweep import CLOCK_SECONDS, FIELDS, has_digest, own_digest

_ROWS = 2_000
# So many chain hashes are remembered to recognise inserted rows; older ones are looked up in the database.
_REMEMBERED = 10_000
_MOST_FAULTS = 1_000
_CLOCK = CLOCK_SECONDS * 1_000_000

_POSITIONS = """
SELECT p.seq, coalesce(p.previous_hash, ''), coalesce(p.leaf_hash, ''), coalesce(p.chain_hash, ''),
       CASE WHEN isfinite(p.sequenced_at) THEN (extract(epoch FROM p.sequenced_at) * 1000000)::bigint ELSE 0 END,
       p.entry_id
FROM audit_position p
WHERE p.organisation_id = %(organisation)s AND p.seq >= %(seq)s
ORDER BY p.seq, p.entry_id LIMIT %(limit)s OFFSET %(skip)s
"""
_ENTRIES = f"""
SELECT e.id, coalesce(e.digest, ''),
       CASE WHEN isfinite(e.recorded_at) THEN (extract(epoch FROM e.recorded_at) * 1000000)::bigint ELSE 0 END, {FIELDS}
FROM audit_entry e WHERE e.id = ANY(%(ids)s)
"""  # noqa: S608 - our own column names


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    previous: bytes
    leaf: bytes
    chain: bytes
    sequenced_at: int
    entry_id: UUID
    copies: int
    digest: bytes
    recorded_at: int
    fields: tuple[str, ...]


@dataclass(slots=True)
class _Pass:
    """The pass over one organisation's positions."""

    organisation: UUID
    originals: Originals
    checkpoints: Sequence[Statement]
    last_chain: bytes
    faults: list[Fault] = field(default_factory=list)
    seqs: array[int] = field(default_factory=lambda: array("q"))
    times: array[int] = field(default_factory=lambda: array("q"))
    # Original places of the entries that are there, in order: 0 where one is new.
    places: list[tuple[int, int]] = field(default_factory=list)
    # Where the chain is not whole: the row itself, what is around it, or its link to the row before.
    torn: set[int] = field(default_factory=set)
    cracks: set[int] = field(default_factory=set)
    broken: list[tuple[int, bytes]] = field(default_factory=list)
    misplaced: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    recent: OrderedDict[bytes, int] = field(default_factory=OrderedDict)
    chains: dict[int, bytes] = field(default_factory=dict)
    # Where a time is before the one ahead of it.
    back: list[int] = field(default_factory=list)
    last_seq: int = 0
    last_time: int = 0
    last_recorded: int = 0

    def note(self, kind: FaultKind, from_seq: int, to_seq: int) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(Fault(kind, str(self.organisation), from_seq, to_seq, self._since(from_seq)))

    def _since(self, seq: int) -> str:
        before = bisect_left(self.seqs, seq) - 1
        if before < 0:
            return ""
        try:
            return canonical.written_time(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=self.times[before]))
        except OverflowError:
            return ""

    def take(self, row: _Row) -> None:
        seq = row.seq
        twice = seq == self.last_seq
        if twice:
            self.note("fork", seq, seq)
            self.cracks.add(seq)
        elif seq != self.last_seq + 1:
            self.cracks.add(seq)
            for first, last in self._beyond(self.last_seq + 1, seq - 1):
                self.note("deleted", first, last)
        elif row.previous != self.last_chain:
            self.broken.append((seq, row.previous))
        expected = canonical.chain_hash(previous=row.previous, leaf=row.leaf, sequenced_at=row.sequenced_at)
        if expected != row.chain:
            self.torn.add(seq)
            if seq > self.originals.size:
                self.note("changed", seq, seq)
        self._check_clock(row)
        self._check_entry(row, twice=twice)
        self.recent[row.chain] = seq
        if len(self.recent) > _REMEMBERED:
            self.recent.popitem(last=False)
        self.chains[seq] = row.chain
        self.seqs.append(seq)
        self.times.append(row.sequenced_at)
        self.last_seq, self.last_chain, self.last_time = seq, row.chain, row.sequenced_at

    def _beyond(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the part of a stretch that the originals say nothing about."""
        first = max(first, self.originals.size + 1)
        if first <= last:
            yield first, last

    def _check_clock(self, row: _Row) -> None:
        back = row.sequenced_at < self.last_time
        if row.recorded_at:
            back |= row.recorded_at > row.sequenced_at + _CLOCK or row.recorded_at < self.last_recorded - _CLOCK
            self.last_recorded = max(self.last_recorded, row.recorded_at)
        if back:
            self.back.append(row.seq)

    def _check_entry(self, row: _Row, *, twice: bool) -> None:
        seq = row.seq
        if row.copies > 1:
            self.note("inserted", seq, seq)
        if not row.fields:
            self._without_entry(row)
            return
        sound = has_digest(row.fields, row.digest)
        if not sound and 0 < row.recorded_at < row.sequenced_at - _CLOCK and seq not in self.back:
            # An altered entry that claims to be much older than its place: its time was put back.
            self.back.append(seq)
        own = canonical.leaf_hash(row.digest if sound else own_digest(row.fields))
        if own != row.leaf:
            self.torn.add(seq)
        if seq <= self.originals.size or self.originals.place(own):
            self._compare(seq, own, row.leaf, sound=sound, twice=twice)
        elif not sound:
            self.note("changed", seq, seq)
        elif own != row.leaf:
            self.misplaced.append((seq, row.leaf, own))

    def _compare(self, seq: int, own: bytes, leaf: bytes, *, sound: bool, twice: bool) -> None:
        place = self.originals.place(own)
        if place:
            if not twice or place == seq:
                self.places.append((seq, place))
            if not sound or (place == seq and own != leaf):
                self.note("changed", seq, seq)
        elif (kept := self.originals.place(leaf)) and not twice:
            # The position still names the original, so the entry under it was altered where it stands.
            self.note("changed", seq, seq)
            self.places.append((seq, kept))
        elif not twice:
            self.places.append((seq, 0))

    def _without_entry(self, row: _Row) -> None:
        place = self.originals.place(row.leaf)
        self.cracks.add(row.seq)
        if place:
            self.note("deleted", place, place)
            self.places.append((row.seq, place))
        elif row.seq <= self.originals.size or row.previous != self.last_chain:
            # No original, no entry of this organisation, and no link: it came from elsewhere.
            self.note("inserted", row.seq, row.seq)
        else:
            self.note("deleted", row.seq, row.seq)

    def finish(self) -> None:
        """Name what only the whole log shows."""
        covered = self.checkpoints[-1].size if self.checkpoints else 0
        if not self.seqs:
            if covered:
                self.note("log_missing", 1, covered)
            return
        rebuilt = self._rebuilt()
        if self.originals.size:
            self._align(rebuilt)
        elif self.last_seq < covered:
            self.note("cut_tail", self.last_seq + 1, covered)
        held, due = ({item[at] for item in self.misplaced} for at in (1, 2))
        for seq, leaf, own in self.misplaced:
            self.note("reordered" if own in held and leaf in due else "changed", seq, seq)
        for seq in self.back:
            # What stands in another's place brought its own time with it.
            if not self._named(seq, "reordered", "inserted", "fork"):
                self.note("clock_back", seq, seq)
        self._name_breaks()
        for before, after in zip(self.checkpoints, self.checkpoints[1:], strict=False):
            # What was signed later was sequenced later, give or take a transaction that was under way.
            at = bisect_left(self.seqs, before.size + 1)
            signed = canonical.microseconds(before.moment)
            if at < len(self.seqs) and self.seqs[at] <= after.size and self.times[at] < signed - _CLOCK:
                self.note("clock_back", before.size + 1, after.size)

    def _rebuilt(self) -> tuple[int, int] | None:
        """Name a stretch whose chain is whole and yet not the one that was signed."""
        good, first, last = 0, 0, 0
        torn = self.torn | self.cracks | {seq for seq, _ in self.broken}
        whole = True
        for checkpoint in self.checkpoints:
            size = min(checkpoint.size, self.last_seq)
            if checkpoint.size <= self.last_seq and self.chains.get(checkpoint.size) == checkpoint.chain:
                good = checkpoint.size
                continue
            if checkpoint.size > self.last_seq and (size <= good or self._ends_within(checkpoint)):
                # The tail is gone, and what is left of it may be as it was.
                continue
            whole = whole and not any(good < seq <= size + 1 for seq in torn)
            if not whole:
                continue
            first, last = first or good + 1, size
        if not last:
            return None
        if self.originals.size:
            first = next((seq for seq, place in self.places if seq >= first and place != seq), first)
        self.note("rebuilt", first, max(first, last))
        return first, last

    def _ends_within(self, checkpoint: Statement) -> bool:
        """Tell whether the log is a beginning of what was signed, as far as the leaves know."""
        return not self.originals.size or all(seq == place for seq, place in self.places if seq <= checkpoint.size)

    def _align(self, rebuilt: tuple[int, int] | None) -> None:
        # Of two entries at one place, named as a fork already, the one that was not there before is left out.
        places = [(seq, place) for seq, place in self.places if place or not self._named(seq, "fork")]
        found = align(places, size=self.originals.size)
        present = sum(1 for _, place in places if place)
        if rebuilt and not present:
            # Made anew from the first entry: nothing is left to compare.
            if self.last_seq < self.originals.size:
                self.note("log_missing", 1, self.originals.size)
            return
        for seq in found.changed:
            self.note("changed", seq, seq)
        for first, last in found.deleted:
            if last == self.originals.size and first > self.last_seq:
                self.note("cut_tail", first, last)
            else:
                self.note("deleted", first, last)
        for seq in found.inserted:
            self.note("inserted", seq, seq)
        for first, last in found.reordered:
            self.note("reordered", first, last)
        if found.branch:
            # From one point on other entries, well linked: a second history of the same log.
            self.note("fork", found.branch, max(self.last_seq, self.originals.size))
        explained = {seq for first, last in found.stretches() for seq in range(first, last + 1)}
        for seq in sorted(self.torn - explained):
            if seq <= self.originals.size and seq not in self.back and not self._named(seq):
                self.note("changed", seq, seq)

    def _named(self, seq: int, *kinds: FaultKind) -> bool:
        return any(one.from_seq <= seq <= one.to_seq and (not kinds or one.kind in kinds) for one in self.faults)

    def _name_breaks(self) -> None:
        """Name broken links that nothing found so far explains."""
        breaks = {seq for seq, _ in self.broken}
        for seq, previous in self.broken:
            if self.originals.size and seq <= self.originals.size + 1:
                if any(self._named(near) for near in (seq - 1, seq)) or self._shifted():
                    continue
                changed = seq if seq + 1 in breaks else seq - 1
                self.note("changed", max(changed, 1), max(changed, 1))
                continue
            place = self.recent.get(previous) or self._find_chain(previous)
            if any(self._named(near, "inserted", "fork", "deleted") for near in (seq - 1, seq)):
                continue
            if place is None:
                self.note("changed" if seq > 1 else "deleted", max(seq - 1, 1), seq)
            elif place > seq:
                self.note("reordered", seq, place)
            elif place < self.originals.size:
                self.note("fork", seq, seq)
            elif not any(self._named(near, "reordered") for near in (seq - 1,)):
                self.note("inserted", place + 1, seq - 1)

    def _shifted(self) -> bool:
        return any(place and place != seq for seq, place in self.places)

    def _find_chain(self, chain: bytes) -> int | None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT min(seq) FROM audit_position WHERE organisation_id = %s AND chain_hash = %s",
                [self.organisation, chain],
            )
            row = cursor.fetchone()
        return row[0] if row else None


def diagnose(organisation_id: UUID, checkpoints: Sequence[Statement], leaves: bytes) -> list[Fault]:
    """Return the faults of one log, which the quick pass found to have some.

    ``leaves`` are the original leaf hashes under the last checkpoint, or b"".
    """
    found = _Pass(organisation_id, Originals(leaves), checkpoints, canonical.genesis(organisation_id))
    with log_of(organisation_id), connection.cursor() as cursor:
        for row in _rows(cursor, organisation_id):
            found.take(row)
        found.finish()
    return found.faults


def _rows(cursor: CursorWrapper, organisation_id: UUID) -> Iterator[_Row]:
    """Yield the positions in order, a stretch in memory at a time."""
    seq, skip = 0, 0
    while True:
        cursor.execute(_POSITIONS, {"organisation": organisation_id, "seq": seq, "limit": _ROWS, "skip": skip})
        places = cursor.fetchall()
        cursor.execute(_ENTRIES, {"ids": [place[5] for place in places]})
        entries: dict[UUID, list[tuple[bytes, int, tuple[str, ...]]]] = {}
        for entry_id, digest, recorded_at, *rest in cursor.fetchall():
            entries.setdefault(entry_id, []).append((bytes(digest), recorded_at, tuple(rest)))
        for number, previous, leaf, chain, sequenced_at, entry_id in places:
            copies = entries.get(entry_id, [])
            digest, recorded_at, fields = next(
                (one for one in copies if canonical.leaf_hash(one[0]) == bytes(leaf)),
                copies[0] if copies else (b"", 0, ()),
            )
            yield _Row(
                seq=number,
                previous=bytes(previous),
                leaf=bytes(leaf),
                chain=bytes(chain),
                sequenced_at=sequenced_at,
                entry_id=entry_id,
                copies=len(copies),
                digest=digest,
                recorded_at=recorded_at,
                fields=fields,
            )
        if len(places) < _ROWS:
            return
        # A forged log may hold one number twice, so the next stretch begins within the last number.
        last = places[-1][0]
        same = sum(1 for place in places if place[0] == last)
        seq, skip = last, (skip + same if last == seq else same)
