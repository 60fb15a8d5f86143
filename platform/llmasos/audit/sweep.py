"""The quick pass over a log: is everything as it must be? Where it is not, :mod:`llmasos.audit.diagnosis` names it.

Stored digests and hashes are never believed: each entry's written form is put together and hashed anew, and so are its
leaf, its link and the tree. The database writes a stretch of entries as lines of text, two stretches ahead of the
hashing here: rows as objects would take longer to make than to hash.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

import orjson
from django.db import DataError, NotSupportedError, connection

from llmasos.audit import canonical
from llmasos.audit.merkle import CompactRange
from llmasos.audit.notes import Statement
from llmasos.audit.scope import log_of

STRETCH = 10_000
_CONNECTIONS = 2
# Transactions take a while to commit and machines' clocks differ a little; what runs back further was put back.
CLOCK_SECONDS = 300
_CLOCK = CLOCK_SECONDS * 1_000_000

_NAMES = (
    *("id", "organisation", "actor_kind", "actor_id", "actor_role", "action", "subject_kind", "subject_id"),
    *("object_kind", "object_id", "purpose", "outcome", "recorded_at", "request_id"),
)
_FIELDS = (
    *("e.id::text", "e.organisation_id::text", "e.actor_kind", "coalesce(e.actor_id::text, '')", "e.actor_role"),
    *("e.action", "e.subject_kind", "coalesce(e.subject_id::text, '')", "e.object_kind"),
    *("coalesce(e.object_id::text, '')", "e.purpose", "e.outcome"),
    """to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    *("e.request_id", "coalesce(e.digests::text, 'null')"),
)
FIELDS = ", ".join(_FIELDS)
# What a position and an entry say, parted by a sign that the log does not take. Entry by entry by its key, whatever
# the statistics of a young log say.
_LINE = ", chr(9), ".join(
    (
        *("p.seq", "encode(p.previous_hash, 'hex')", "encode(p.leaf_hash, 'hex')", "encode(p.chain_hash, 'hex')"),
        *(f"(extract(epoch FROM {time}) * 1000000)::bigint" for time in ("p.sequenced_at", "e.recorded_at")),
        *("encode(e.digest, 'hex')", *_FIELDS),
    )
)
_STRETCH = f"""
SELECT count(*), string_agg(concat({_LINE}), chr(10) ORDER BY p.seq)
FROM audit_position p LEFT JOIN LATERAL (SELECT * FROM audit_entry e WHERE e.id = p.entry_id OFFSET 0) e ON true
WHERE p.organisation_id = %(organisation)s AND p.seq > %(after)s AND p.seq <= %(until)s
"""  # noqa: S608 - our own column names


@dataclass(frozen=True, slots=True)
class Swept:
    """The outcome of the quick pass: how many positions there are, and whether all is as it must be."""

    entries: int
    last_seq: int
    sound: bool
    # Sizes of trusted checkpoints at which the log is as it was signed, up to the first at which it is not.
    last_good: int


def sweep(
    organisation_id: UUID, checkpoints: Sequence[Statement], *, progress: Callable[[int], None] | None = None
) -> Swept:
    """Recompute one log and compare it with its trusted checkpoints, smallest first.

    ``progress`` is told how many entries were found sound so far.
    """
    with log_of(organisation_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(max(seq), 0) FROM audit_position WHERE organisation_id = %s", [organisation_id]
        )
        entries, last_seq = cursor.fetchone() or (0, 0)
    going = _Pass(canonical.genesis(organisation_id), list(checkpoints))
    sound = entries == last_seq
    for lines in _stretches(organisation_id, last_seq) if sound else ():
        sound = going.take(lines)
        if not sound:
            break
        if progress is not None:
            progress(going.seq)
    sound = sound and going.seq == last_seq and not going.waiting and _chains_hold(organisation_id, checkpoints)
    return Swept(entries, last_seq, sound, going.good)


@dataclass(slots=True)
class _Pass:
    """How far the pass got; times in microseconds since 1970."""

    chain: bytes
    # The checkpoints ahead, and the size of the last one at which the log was as it was signed.
    waiting: list[Statement]
    good: int = 0
    seq: int = 0
    tree: CompactRange = field(default_factory=CompactRange)
    sequenced_at: int = 0
    # The latest time at which an entry was recorded.
    recorded_at: int = 0

    def take(self, lines: Sequence[str]) -> bool:
        """Go over a stretch and tell whether all of it is sound."""
        try:
            return bool(lines) and all(map(self._is_sound, lines))
        except (TypeError, ValueError, RecursionError):
            # Too many fields, no numbers, or digests without end: this log did not write it.
            return False

    def _is_sound(self, line: str) -> bool:
        seq, previous, leaf_hash, chain_hash, sequenced, recorded, stored, *fields = line.split("\t")
        digest = sha256(_quickly_written(fields).encode()).digest()
        if digest.hex() != stored or "\\" in line or '"' in line[: -len(fields[-1])]:
            # Signs that JSON escapes, or not what was written.
            digest = bytes.fromhex(stored)
            if not has_digest(fields, digest):
                return False
        sequenced_at, recorded_at = int(sequenced), int(recorded)
        leaf = canonical.leaf_hash(digest)
        chain = canonical.chain_hash(previous=self.chain, leaf=leaf, sequenced_at=sequenced_at)
        if (
            int(seq) != self.seq + 1
            or (previous, leaf_hash, chain_hash) != (self.chain.hex(), leaf.hex(), chain.hex())
            or sequenced_at < self.sequenced_at
            or not self.recorded_at - _CLOCK <= recorded_at <= sequenced_at + _CLOCK
        ):
            return False
        self.seq += 1
        self.chain, self.sequenced_at, self.recorded_at = chain, sequenced_at, max(recorded_at, self.recorded_at)
        self.tree.append(leaf)
        while self.waiting and self.waiting[0].size == self.seq and self.waiting[0].root == self.tree.root():
            self.good = self.waiting.pop(0).size
        return True


def _quickly_written(fields: Sequence[str]) -> str:
    """Put the canonical form together from fields in which JSON escapes nothing."""
    (
        key, organisation, actor_kind, actor, role, action, subject_kind, subject,
        object_kind, object_, purpose, outcome, recorded_at, request_id, digests,
    ) = fields  # fmt: skip
    return (
        f'{{"action":"{action}","actor":{{"id":"{actor}","kind":"{actor_kind}","role":"{role}"}},'
        f'"digests":{canonical.quick(orjson.loads(digests)).decode()},"id":"{key}","object":{{"id":"{object_}",'
        f'"kind":"{object_kind}"}},"organisation":"{organisation}","outcome":"{outcome}","purpose":"{purpose}",'
        f'"recorded_at":"{recorded_at}","request_id":"{request_id}","subject":{{"id":"{subject}",'
        f'"kind":"{subject_kind}"}},"v":{canonical.VERSION}}}'
    )


def has_digest(fields: Sequence[str], digest: bytes) -> bool:
    """Tell whether ``digest`` is that of an entry's fields (``FIELDS``)."""
    try:
        return canonical.quick_entry_digest(_document(fields)) == digest or own_digest(fields) == digest
    except (TypeError, ValueError, RecursionError):
        return own_digest(fields) == digest


def own_digest(fields: Sequence[str]) -> bytes:
    """Return the digest that an entry of these fields has, b"" where it has none."""
    try:
        return canonical.entry_digest(_document(fields))
    except (ValueError, RecursionError):
        # What has no canonical form was not written by this log.
        return b""


def _document(fields: Sequence[str]) -> canonical.Document:
    *plain, digests = fields
    return canonical.document(**dict(zip(_NAMES, plain, strict=True)), digests=json.loads(digests))


def _stretches(organisation_id: UUID, last_seq: int) -> Iterator[list[str]]:
    bounds = [(after, min(after + STRETCH, last_seq)) for after in range(0, last_seq, STRETCH)]
    if len(bounds) < 2 or connection.in_atomic_block:
        # What the surrounding transaction wrote is seen by its own connection alone.
        yield from (_stretch(organisation_id, *bound) for bound in bounds)
        return
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        running = [pool.submit(_stretch_apart, organisation_id, *bound) for bound in bounds[:_CONNECTIONS]]
        rest = iter(bounds[_CONNECTIONS:])
        while running:
            lines = running.pop(0).result()
            following = next(rest, None)
            if following is not None:
                running.append(pool.submit(_stretch_apart, organisation_id, *following))
            yield lines


def _stretch_apart(organisation_id: UUID, after: int, until: int) -> list[str]:
    try:
        return _stretch(organisation_id, after, until)
    finally:
        connection.close()


def _stretch(organisation_id: UUID, after: int, until: int) -> list[str]:
    """Return the lines of a stretch; none where it is not as the log writes it."""
    try:
        with log_of(organisation_id), connection.cursor() as cursor:
            cursor.execute(_STRETCH, {"organisation": organisation_id, "after": after, "until": until})
            count, text = cursor.fetchone() or (0, None)
    except (DataError, NotSupportedError):
        # A time that is none, such as infinity.
        return []
    lines = (text or "").split("\n")
    return lines if len(lines) == count else []


def _chains_hold(organisation_id: UUID, checkpoints: Sequence[Statement]) -> bool:
    with log_of(organisation_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, chain_hash FROM audit_position WHERE organisation_id = %s AND seq = ANY(%s)",
            [organisation_id, [one.size for one in checkpoints]],
        )
        stored = {seq: bytes(chain) for seq, chain in cursor.fetchall()}
    return all(stored.get(one.size) == one.chain for one in checkpoints)
