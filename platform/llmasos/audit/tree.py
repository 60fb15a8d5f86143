"""Merkle roots and proofs of a log, from its leaves and the stored hashes of its complete subtrees.

Stored are the subtrees of 64, 64**2, 64**3 ... leaves, so that the sequencer adds one row for 64 entries and a proof
reads a few hundred. They are a cache and nobody's evidence: verification recomputes the tree from the entries, and
where a hash is missing here it is made from what is below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from llmasos.audit import merkle
from llmasos.audit.errors import AuditError
from llmasos.audit.scope import log_of

STEP = 6
WIDTH = 1 << STEP

_LEAVES = "SELECT 0, seq - 1, leaf_hash FROM audit_position WHERE organisation_id = %s AND seq > %s AND seq <= %s"
_NODES = (
    'SELECT level, "index", hash FROM audit_node'
    ' WHERE organisation_id = %s AND level = %s AND "index" >= %s AND "index" < %s'
)
_ADD = (
    'INSERT INTO audit_node (organisation_id, level, "index", hash)'
    ' SELECT %s, level, "index", hash'
    ' FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[]) AS new (level, "index", hash)'
    # A log whose tail was cut has old hashes in the way; verification tells what happened.
    " ON CONFLICT DO NOTHING"
)


class MissingLeafError(AuditError):
    """The log has no entry at a place that the proof needs."""


def root_at(organisation_id: UUID, size: int) -> bytes:
    """Return the root over the first ``size`` entries.

    Raises:
        MissingLeafError: the log has fewer entries, or one of them is gone.
    """
    with log_of(organisation_id), connection.cursor() as cursor:
        return _Reader(cursor, organisation_id).roots([(0, size)])[0]


def peaks(organisation_id: UUID, size: int) -> list[bytes]:
    """Return the roots of the complete subtrees of the first ``size`` entries, largest first.

    Raises:
        MissingLeafError: the log has fewer entries, or one of them is gone.
    """
    with log_of(organisation_id), connection.cursor() as cursor:
        return _Reader(cursor, organisation_id).hashes(merkle.subtrees(0, size))


def inclusion_proof(organisation_id: UUID, seq: int, size: int) -> list[bytes]:
    """Return the proof that entry ``seq`` (1-based) is among the first ``size``.

    Raises:
        ValueError: ``seq`` is not from 1 to ``size``.
        MissingLeafError: the log has fewer entries, or one of them is gone.
    """
    ranges = merkle.inclusion_ranges(seq - 1, size)
    with log_of(organisation_id), connection.cursor() as cursor:
        return _Reader(cursor, organisation_id).roots(ranges)


def consistency_proof(organisation_id: UUID, first: int, second: int) -> list[bytes]:
    """Return the proof that the first ``first`` entries begin the first ``second``.

    Raises:
        ValueError: ``first`` is above ``second``.
        MissingLeafError: the log has fewer entries, or one of them is gone.
    """
    ranges = merkle.consistency_ranges(first, second)
    with log_of(organisation_id), connection.cursor() as cursor:
        return _Reader(cursor, organisation_id).roots(ranges)


def extend(cursor: CursorWrapper, organisation_id: UUID, *, size: int, leaves: Sequence[bytes]) -> None:
    """Store the subtrees that ``leaves`` complete, which a log of ``size`` entries is about to get."""
    reader = _Reader(cursor, organisation_id)
    rows: list[tuple[int, int, bytes]] = []
    level, start, added = 0, size, list(leaves)
    while (first := start >> STEP) != (end := start + len(added) >> STEP):
        children = [*reader.nodes(level, first << STEP, start), *added]
        added = [merkle.complete_root(children[at : at + WIDTH]) for at in range(0, (end - first) * WIDTH, WIDTH)]
        level, start = level + STEP, first
        rows.extend((level, first + number, node) for number, node in enumerate(added))
    if rows:
        cursor.execute(_ADD, [organisation_id, *(list(column) for column in zip(*rows, strict=True))])


class _Reader:
    """Subtree hashes of one log, read in blocks of 64 neighbours, each once."""

    def __init__(self, cursor: CursorWrapper, organisation_id: UUID) -> None:
        self._cursor = cursor
        self._organisation_id = organisation_id
        self._blocks: dict[tuple[int, int], dict[int, bytes]] = {}

    def roots(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the roots over ranges of leaves, each from its first to before its end, as proofs need them."""
        parts = [merkle.subtrees(start, end) for start, end in ranges]
        found = iter(self.hashes([subtree for part in parts for subtree in part]))
        return [merkle.joined([next(found) for _ in part]) for part in parts]

    def hashes(self, subtrees: Sequence[merkle.Subtree]) -> list[bytes]:
        """Return the hashes of complete subtrees of any level."""
        self._load({(level - level % STEP, index << level % STEP >> STEP) for level, index in subtrees})
        return [
            merkle.complete_root(self.nodes(level - level % STEP, index << level % STEP, index + 1 << level % STEP))
            for level, index in subtrees
        ]

    def nodes(self, level: int, start: int, end: int) -> list[bytes]:
        """Return hashes of a stored level (0: leaves) from ``start`` to before ``end``, within one block."""
        block = self._block(level, start >> STEP)
        return [block.get(index) or self._made(level, index) for index in range(start, end)]

    def _made(self, level: int, index: int) -> bytes:
        if level == 0:
            raise MissingLeafError(f"The log has no entry {index + 1}.")
        return merkle.complete_root(self.nodes(level - STEP, index << STEP, index + 1 << STEP))

    def _block(self, level: int, number: int) -> dict[int, bytes]:
        if (level, number) not in self._blocks:
            self._load({(level, number)})
        return self._blocks[level, number]

    def _load(self, places: set[tuple[int, int]]) -> None:
        """Read blocks in one statement: a part for each, so that the planner takes the index whatever it believes."""
        parts: list[str] = []
        values: list[UUID | int] = []
        for level, number in places:
            start, end = number << STEP, number + 1 << STEP
            parts.append(_NODES if level else _LEAVES)
            values += [self._organisation_id, *([level] if level else []), start, end]
            self._blocks[level, number] = {}
        if parts:
            self._cursor.execute(" UNION ALL ".join(parts), values)
        for level, index, node in self._cursor.fetchall() if parts else ():
            self._blocks[level, index >> STEP][index] = bytes(node)
