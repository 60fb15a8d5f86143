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

_LEAVES = "SELECT seq - 1, leaf_hash FROM audit_position WHERE organisation_id = %s AND seq > %s AND seq <= %s"
_NODES = (
    'SELECT "index", hash FROM audit_node WHERE organisation_id = %s AND level = %s AND "index" >= %s AND "index" < %s'
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
        return _Reader(cursor, organisation_id).root(0, size)


def peaks(organisation_id: UUID, size: int) -> list[bytes]:
    """Return the roots of the complete subtrees of the first ``size`` entries, largest first.

    Raises:
        MissingLeafError: the log has fewer entries, or one of them is gone.
    """
    with log_of(organisation_id), connection.cursor() as cursor:
        reader = _Reader(cursor, organisation_id)
        return [reader.subtree(level, index) for level, index in merkle.subtrees(0, size)]


def inclusion_proof(organisation_id: UUID, seq: int, size: int) -> list[bytes]:
    """Return the proof that entry ``seq`` (1-based) is among the first ``size``.

    Raises:
        ValueError: ``seq`` is not from 1 to ``size``.
        MissingLeafError: the log has fewer entries, or one of them is gone.
    """
    ranges = merkle.inclusion_ranges(seq - 1, size)
    with log_of(organisation_id), connection.cursor() as cursor:
        reader = _Reader(cursor, organisation_id)
        return [reader.root(start, end) for start, end in ranges]


def consistency_proof(organisation_id: UUID, first: int, second: int) -> list[bytes]:
    """Return the proof that the first ``first`` entries begin the first ``second``.

    Raises:
        ValueError: ``first`` is above ``second``.
        MissingLeafError: the log has fewer entries, or one of them is gone.
    """
    ranges = merkle.consistency_ranges(first, second)
    with log_of(organisation_id), connection.cursor() as cursor:
        reader = _Reader(cursor, organisation_id)
        return [reader.root(start, end) for start, end in ranges]


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

    def root(self, start: int, end: int) -> bytes:
        """Return the root over the leaves from ``start`` to before ``end``, a range of a proof."""
        return merkle.joined([self.subtree(level, index) for level, index in merkle.subtrees(start, end)])

    def nodes(self, level: int, start: int, end: int) -> list[bytes]:
        """Return hashes of a stored level (0: leaves) from ``start`` to before ``end``, within one block."""
        block = self._block(level, start >> STEP)
        return [block.get(index) or self._made(level, index) for index in range(start, end)]

    def subtree(self, level: int, index: int) -> bytes:
        """Return the hash of any complete subtree."""
        inside = level % STEP
        return merkle.complete_root(self.nodes(level - inside, index << inside, index + 1 << inside))

    def _made(self, level: int, index: int) -> bytes:
        if level == 0:
            raise MissingLeafError(f"The log has no entry {index + 1}.")
        return merkle.complete_root(self.nodes(level - STEP, index << STEP, index + 1 << STEP))

    def _block(self, level: int, number: int) -> dict[int, bytes]:
        place = (level, number)
        if place not in self._blocks:
            start, end = number << STEP, number + 1 << STEP
            if level == 0:
                self._cursor.execute(_LEAVES, [self._organisation_id, start, end])
            else:
                self._cursor.execute(_NODES, [self._organisation_id, level, start, end])
            self._blocks[place] = {index: bytes(node) for index, node in self._cursor.fetchall()}
        return self._blocks[place]
