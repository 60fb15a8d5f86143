"""The quick pass over a log: is everything as it must be? Where it is not, :mod:`llmasos.audit.diagnosis` names it.

Stored digests and hashes are never believed: each entry's written form is put together and hashed anew, and so are its
leaf, its link and the tree. The database does the hashing for a stretch of entries at a time, two stretches side by
side, and hands over leaf hashes alone; entries whose written form it cannot put together (nested digests in another
order, signs that JSON escapes) are hashed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DataError, connection

from llmasos.audit import canonical
from llmasos.audit.merkle import CompactRange
from llmasos.audit.notes import Statement
from llmasos.audit.scope import log_of

STRETCH = 10_000
_CONNECTIONS = 2
LEAF_BYTES = 32
# Transactions take a while to commit and machines' clocks differ a little; what runs back further was put back.
CLOCK_SECONDS = 300

NAMES = (
    *("id", "organisation", "actor_kind", "actor_id", "actor_role", "action", "subject_kind", "subject_id"),
    *("object_kind", "object_id", "purpose", "outcome", "recorded_at", "request_id"),
)
FIELDS = """e.id::text, e.organisation_id::text, e.actor_kind, coalesce(e.actor_id::text, ''), e.actor_role, e.action,
       e.subject_kind, coalesce(e.subject_id::text, ''), e.object_kind, coalesce(e.object_id::text, ''), e.purpose,
       e.outcome, to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.request_id,
       coalesce(e.digests::text, 'null')"""

# The log takes no quotation marks, backslashes, blanks or commas within a value, so that taking out the blanks that
# jsonb writes cannot make two values alike; an entry that holds such signs is hashed by us.
_DIGESTS = """
CASE WHEN e.digests = '{}' THEN '{}' ELSE (
    SELECT '{' || string_agg('"' || d.key || '":' || replace(replace(d.value::text, '": ', '":'), ', ', ','), ','
                             ORDER BY d.key COLLATE "C") || '}'
    FROM jsonb_each(e.digests) d) END"""

_SWEEP = f"""
SELECT count(*), min(seq), max(seq), bool_and(sound IS TRUE), array_agg(seq) FILTER (WHERE quick IS NOT TRUE),
       string_agg(leaf_hash, ''::bytea ORDER BY seq), min(recorded_at), max(recorded_at),
       (array_agg(previous_hash ORDER BY seq))[1], (array_agg(chain_hash ORDER BY seq DESC))[1],
       min(sequenced_at), max(sequenced_at)
FROM (
    SELECT seq, previous_hash, leaf_hash, chain_hash, recorded_at, sequenced_at,
           coalesce(digest = sha256(convert_to(written, 'UTF8')), false)
           AND strpos(free, '"') = 0 AND strpos(free, chr(92)) = 0 AND strpos(digests, ' ') = 0
           AND strpos(digests, chr(92)) = 0 AS quick,
           coalesce(leaf_hash = sha256('\\x00'::bytea || digest), false)
           AND chain_hash = sha256('\\x02'::bytea || previous_hash || leaf_hash
                                   || int8send((extract(epoch FROM sequenced_at) * 1000000)::bigint))
           AND coalesce(previous_hash = lag(chain_hash) OVER w AND seq = lag(seq) OVER w + 1
                        AND sequenced_at >= lag(sequenced_at) OVER w, row_number() OVER w = 1)
           AND recorded_at <= sequenced_at + interval '{CLOCK_SECONDS} seconds'
           AND recorded_at >= max(recorded_at) OVER w - interval '{CLOCK_SECONDS} seconds' AS sound
    FROM (
        SELECT p.seq, p.previous_hash, p.leaf_hash, p.chain_hash, p.sequenced_at, e.recorded_at, e.digest, e.digests,
               e.free,
               concat('{{"action":"', e.action, '","actor":{{"id":"', e.actor_id, '","kind":"', e.actor_kind,
                      '","role":"', e.actor_role, '"}},"digests":', e.digests, ',"id":"', e.id, '","object":{{"id":"',
                      e.object_id, '","kind":"', e.object_kind, '"}},"organisation":"', e.organisation_id,
                      '","outcome":"', e.outcome, '","purpose":"', e.purpose, '","recorded_at":"',
                      to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '","request_id":"',
                      e.request_id, '","subject":{{"id":"', e.subject_id, '","kind":"', e.subject_kind,
                      '"}},"v":{canonical.VERSION}}}') AS written
        FROM audit_position p
        LEFT JOIN LATERAL (
            SELECT e.id, e.organisation_id, e.action, e.actor_id, e.actor_kind, e.actor_role, e.object_id,
                   e.object_kind, e.outcome, e.purpose, e.recorded_at, e.request_id, e.subject_id, e.subject_kind,
                   e.digest, {_DIGESTS} AS digests,
                   concat(e.action, e.actor_kind, e.actor_role, e.object_kind, e.outcome, e.purpose, e.request_id,
                          e.subject_kind) AS free
            FROM audit_entry e WHERE e.id = p.entry_id OFFSET 0
        ) e ON true
        WHERE p.organisation_id = %(organisation)s AND p.seq > %(after)s AND p.seq <= %(until)s
    ) row
    WINDOW w AS (ORDER BY seq)
) checked
"""  # noqa: S608 - our own column names
# Entry by entry by its key, whatever the statistics of a young log say.
_SLOW = f"""
SELECT e.*
FROM audit_position p CROSS JOIN LATERAL (
    SELECT e.digest, {FIELDS} FROM audit_entry e WHERE e.id = p.entry_id OFFSET 0
) e
WHERE p.organisation_id = %(organisation)s AND p.seq = ANY(%(seqs)s)
"""  # noqa: S608 - our own column names


_UNSOUND = (0, 1, 0, False, None, b"", None, None, b"", b"", None, None)


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
    tree, chain = CompactRange(), canonical.genesis(organisation_id)
    waiting = list(checkpoints)
    good = 0
    latest: tuple[Any, Any] | None = None
    sound = entries == last_seq
    for row in _stretches(organisation_id, last_seq) if sound else ():
        count, first, last, fine, slow, leaves, least, most, previous, end, sequenced_first, sequenced_last = row
        sound = bool(
            fine
            and count == last - first + 1
            and first == tree.size + 1
            and bytes(previous) == chain
            and (not slow or _slowly(organisation_id, slow))
            and (
                latest is None
                or ((latest[0] - least).total_seconds() <= CLOCK_SECONDS and sequenced_first >= latest[1])
            )
        )
        if not sound:
            break
        latest = (max(most, latest[0]) if latest else most, sequenced_last)
        chain = bytes(end)
        for at in range(0, len(leaves), LEAF_BYTES):
            tree.append(leaves[at : at + LEAF_BYTES])
            while waiting and waiting[0].size == tree.size and waiting[0].root == tree.root():
                good = waiting.pop(0).size
        if progress is not None:
            progress(tree.size)
    if sound and not waiting:
        sound = _chains_hold(organisation_id, checkpoints)
    return Swept(entries, last_seq, sound and not waiting, good)


def has_digest(fields: Sequence[str], digest: bytes) -> bool:
    """Tell whether ``digest`` is that of an entry's fields (``FIELDS``)."""
    document = document_of(fields)
    return canonical.quick_entry_digest(document) == digest or careful_digest(document) == digest


def document_of(fields: Sequence[str]) -> canonical.Document:
    *plain, digests = fields
    return canonical.document(**dict(zip(NAMES, plain, strict=True)), digests=json.loads(digests))


def own_digest(fields: Sequence[str]) -> bytes:
    """Return the digest that an entry of these fields has, b"" where it has none."""
    return careful_digest(document_of(fields))


def careful_digest(document: canonical.Document) -> bytes:
    try:
        return canonical.entry_digest(document)
    except ValueError:
        # What has no canonical form was not written by this log.
        return b""


def _stretches(organisation_id: UUID, last_seq: int) -> Iterator[tuple[Any, ...]]:
    bounds = [(after, min(after + STRETCH, last_seq)) for after in range(0, last_seq, STRETCH)]
    if len(bounds) < 2 or connection.in_atomic_block:
        # What the surrounding transaction wrote is seen by its own connection alone.
        yield from (_stretch(organisation_id, *bound) for bound in bounds)
        return
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        running = [pool.submit(_stretch_apart, organisation_id, *bound) for bound in bounds[:_CONNECTIONS]]
        rest = iter(bounds[_CONNECTIONS:])
        while running:
            row = running.pop(0).result()
            following = next(rest, None)
            if following is not None:
                running.append(pool.submit(_stretch_apart, organisation_id, *following))
            yield row


def _stretch_apart(organisation_id: UUID, after: int, until: int) -> tuple[Any, ...]:
    try:
        return _stretch(organisation_id, after, until)
    finally:
        connection.close()


def _stretch(organisation_id: UUID, after: int, until: int) -> tuple[Any, ...]:
    try:
        with log_of(organisation_id), connection.cursor() as cursor:
            cursor.execute(_SWEEP, {"organisation": organisation_id, "after": after, "until": until})
            row = cursor.fetchone()
    except DataError:
        # A time that is none, such as infinity, was not written by this log.
        row = None
    return tuple(row) if row and row[0] else _UNSOUND


def _slowly(organisation_id: UUID, seqs: Sequence[int]) -> bool:
    with log_of(organisation_id), connection.cursor() as cursor:
        cursor.execute(_SLOW, {"organisation": organisation_id, "seqs": list(seqs)})
        rows = cursor.fetchall()
    return len(rows) == len(seqs) and all(has_digest(fields, bytes(digest)) for digest, *fields in rows)


def _chains_hold(organisation_id: UUID, checkpoints: Sequence[Statement]) -> bool:
    with log_of(organisation_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, chain_hash FROM audit_position WHERE organisation_id = %s AND seq = ANY(%s)",
            [organisation_id, [one.size for one in checkpoints]],
        )
        stored = {seq: bytes(chain) for seq, chain in cursor.fetchall()}
    return all(stored.get(one.size) == one.chain for one in checkpoints)
