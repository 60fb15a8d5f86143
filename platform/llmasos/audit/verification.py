"""Recomputing the log: every entry's digest, every leaf, every link of the chain, in constant memory.

What is found without a checkpoint held elsewhere: changes, removals, insertions and swaps that do not rebuild
everything after them, and entries that lost their position. Whoever can rewrite the whole chain is not found here.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from llmasos.audit import canonical, queries
from llmasos.audit.scope import log_of

FaultKind = Literal["changed", "deleted", "inserted", "reordered", "cut_tail", "fork", "clock_back"]
_ROWS = 2_000
# So many chain hashes are remembered to recognise inserted rows; older ones are looked up in the database.
_REMEMBERED = 10_000
_MOST_FAULTS = 1_000

# Position by position in stretches, each with its entries by their keys: one join over the whole log would leave the
# plan to statistics that a young log does not have.
_POSITIONS = """
SELECT p.seq, p.previous_hash, p.leaf_hash, p.chain_hash,
       (extract(epoch FROM p.sequenced_at) * 1000000)::bigint, to_char(p.sequenced_at AT TIME ZONE 'UTC', %(time)s),
       p.entry_id
FROM audit_position p
WHERE p.organisation_id = %(organisation)s AND p.seq >= %(seq)s
ORDER BY p.seq, p.entry_id LIMIT %(limit)s OFFSET %(skip)s
"""
_ENTRIES = """
SELECT e.id, e.digest, e.id::text, e.organisation_id::text, e.actor_kind, coalesce(e.actor_id::text, ''), e.actor_role,
       e.action, e.subject_kind, coalesce(e.subject_id::text, ''), e.object_kind, coalesce(e.object_id::text, ''),
       e.purpose, e.outcome, to_char(e.recorded_at AT TIME ZONE 'UTC', %(time)s), e.request_id, e.digests::text
FROM audit_entry e WHERE e.id = ANY(%(ids)s)
"""

# One statement, one snapshot: an entry that waits is in the pending table for as long as it has no position.
_UNSEQUENCED = """
SELECT count(*), count(*) FILTER (WHERE w.entry_id IS NULL),
       to_char(min(e.recorded_at) FILTER (WHERE w.entry_id IS NULL) AT TIME ZONE 'UTC', %(time)s)
FROM audit_entry e LEFT JOIN audit_position p ON p.entry_id = e.id LEFT JOIN audit_pending w ON w.entry_id = e.id
WHERE e.organisation_id = %(organisation)s AND p.entry_id IS NULL
"""
_TIME = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch of an organisation's log that is not as it was written.

    ``since`` is when the last position before it was written (UTC), so that everything later is suspect;
    empty where nothing intact is before it.
    """

    kind: FaultKind
    organisation: str
    from_seq: int
    to_seq: int
    since: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome for one or more organisations. ``entries`` have a position, ``unsequenced`` wait for one."""

    entries: int
    unsequenced: int
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "entries": self.entries,
            "unsequenced": self.unsequenced,
            "faults": [asdict(fault) for fault in self.faults],
        }


@dataclass(frozen=True, slots=True)
class _Position:
    seq: int
    previous: bytes
    leaf: bytes
    chain: bytes
    sequenced_at: int
    sequenced: str
    digest: bytes | None
    entry: tuple[str, ...]


@dataclass(slots=True)
class _Check:
    """The pass over one organisation's positions."""

    organisation: str
    entries: int = 0
    last_seq: int = 0
    last_chain: bytes = b""
    last_time: int = 0
    since: str = ""
    faults: list[Fault] = field(default_factory=list)
    recent: OrderedDict[bytes, int] = field(default_factory=OrderedDict)
    # Leaves that do not belong to the entry at their place, and those that the entries there should have.
    misplaced: list[tuple[int, bytes, bytes, str]] = field(default_factory=list)
    # Links to something else than the position before: seq, the hash that was expected there, since.
    broken: list[tuple[int, bytes, str]] = field(default_factory=list)

    def note(self, kind: FaultKind, from_seq: int, to_seq: int, since: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(Fault(kind, self.organisation, from_seq, to_seq, since))

    def take(self, position: _Position) -> None:
        seq = position.seq
        self.entries += 1
        if seq <= self.last_seq:
            self.note("fork", seq, seq, self.since)
        elif seq != self.last_seq + 1:
            self.note("deleted", self.last_seq + 1, seq - 1, self.since)
        elif position.previous != self.last_chain:
            self.broken.append((seq, position.previous, self.since))
        self._check_entry(position)
        expected = canonical.chain_hash(
            previous=position.previous, leaf=position.leaf, sequenced_at=position.sequenced_at
        )
        if expected != position.chain:
            self.note("changed", seq, seq, self.since)
        if position.sequenced_at < self.last_time:
            self.note("clock_back", seq, seq, self.since)
        self.recent[position.chain] = seq
        if len(self.recent) > _REMEMBERED:
            self.recent.popitem(last=False)
        self.last_seq, self.last_chain, self.last_time = seq, position.chain, position.sequenced_at
        self.since = position.sequenced

    def _check_entry(self, position: _Position) -> None:
        if position.digest is None:
            self.note("deleted", position.seq, position.seq, self.since)
            return
        if not _has_digest(position.entry, position.digest):
            self.note("changed", position.seq, position.seq, self.since)
            return
        leaf = canonical.leaf_hash(position.digest)
        if leaf != position.leaf:
            self.misplaced.append((position.seq, position.leaf, leaf, self.since))

    def finish(self) -> None:
        """Name what only the whole log shows: a swap is two places that hold each other's leaf."""
        held = {leaf for _, leaf, _, _ in self.misplaced}
        due = {leaf for _, _, leaf, _ in self.misplaced}
        for seq, leaf, own, since in self.misplaced:
            self.note("reordered" if own in held and leaf in due else "changed", seq, seq, since)
        for seq, previous, since in self.broken:
            place = self.recent.get(previous) or _find_chain(self.organisation, previous)
            if place is None:
                self.note("changed" if seq > 1 else "deleted", max(seq - 1, 1), seq, since)
            elif place > seq:
                self.note("reordered", seq, place, since)
            elif not any(seq - 1 in range(first, last + 1) for first, last in self._reordered()):
                self.note("inserted", place + 1, seq - 1, since)

    def _reordered(self) -> Iterator[tuple[int, int]]:
        return ((fault.from_seq, fault.to_seq) for fault in self.faults if fault.kind == "reordered")


def verify(organisation_id: UUID) -> Verification:
    """Verify one organisation's log (``PLATFORM`` for the installation's)."""
    check = _Check(str(organisation_id), last_chain=canonical.genesis(organisation_id))
    with log_of(organisation_id), connection.cursor() as cursor:
        for position in _positions(cursor, organisation_id):
            check.take(position)
        check.finish()
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_UNSEQUENCED, {"time": _TIME, "organisation": organisation_id})
        unsequenced, lost, since = cursor.fetchone() or (0, 0, None)
        cursor.execute("SET LOCAL enable_nestloop = on")
    if lost:
        check.note("cut_tail", check.last_seq + 1, check.last_seq + lost, since or "")
    faults = sorted(check.faults, key=lambda fault: (fault.from_seq, fault.to_seq, fault.kind))
    return Verification(check.entries, unsequenced, tuple(_merged(faults)))


def _positions(cursor: CursorWrapper, organisation_id: UUID) -> Iterator[_Position]:
    """Yield the positions in order, a stretch in memory at a time."""
    seq, skip = 0, 0
    while True:
        cursor.execute(
            _POSITIONS, {"time": _TIME, "organisation": organisation_id, "seq": seq, "limit": _ROWS, "skip": skip}
        )
        places = cursor.fetchall()
        cursor.execute(_ENTRIES, {"time": _TIME, "ids": [place[6] for place in places]})
        entries = {entry_id: (bytes(digest), tuple(rest)) for entry_id, digest, *rest in cursor.fetchall()}
        for number, previous, leaf, chain, sequenced_at, sequenced, entry_id in places:
            digest, entry = entries.get(entry_id, (None, ()))
            yield _Position(
                seq=number,
                previous=bytes(previous),
                leaf=bytes(leaf),
                chain=bytes(chain),
                sequenced_at=sequenced_at,
                sequenced=sequenced,
                digest=digest,
                entry=entry,
            )
        if len(places) < _ROWS:
            return
        # A forged log may hold one number twice, so the next stretch begins within the last number.
        last = places[-1][0]
        same = sum(1 for place in places if place[0] == last)
        seq, skip = last, (skip + same if last == seq else same)


def verify_all() -> Verification:
    """Verify every log of the installation."""
    found = [verify(organisation_id) for organisation_id in queries.logged_organisations()]
    return Verification(
        sum(one.entries for one in found),
        sum(one.unsequenced for one in found),
        tuple(fault for one in found for fault in one.faults),
    )


def _has_digest(entry: tuple[str, ...], digest: bytes) -> bool:
    *plain, digests = entry
    names = (
        *("id", "organisation", "actor_kind", "actor_id", "actor_role", "action", "subject_kind", "subject_id"),
        *("object_kind", "object_id", "purpose", "outcome", "recorded_at", "request_id"),
    )
    document = canonical.document(**dict(zip(names, plain, strict=True)), digests=json.loads(digests))
    return canonical.quick_entry_digest(document) == digest or _careful_digest(document) == digest


def _careful_digest(document: canonical.Document) -> bytes:
    try:
        return canonical.entry_digest(document)
    except ValueError:
        # What has no canonical form was not written by this log.
        return b""


def _find_chain(organisation: str, chain: bytes) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(seq) FROM audit_position WHERE organisation_id = %s AND chain_hash = %s", [organisation, chain]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _merged(faults: list[Fault]) -> Iterator[Fault]:
    """Join neighbours of one kind, and name each stretch once a kind."""
    current: Fault | None = None
    for fault in faults:
        if current and fault.kind == current.kind and fault.from_seq <= current.to_seq + 1:
            last = max(current.to_seq, fault.to_seq)
            current = Fault(current.kind, current.organisation, current.from_seq, last, current.since)
            continue
        if current:
            yield current
        current = fault
    if current:
        yield current
