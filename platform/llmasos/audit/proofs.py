"""Proofs for people: that an entry is in the log that was signed, and that one state of a log begins a later one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from llmasos.audit import merkle, tree
from llmasos.audit.errors import UnprovableError
from llmasos.audit.models import Checkpoint, Position
from llmasos.audit.scope import log_of
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That entry ``seq`` is among the ``size`` entries that checkpoint ``number`` signed.

    ``path`` leads from the leaf to the root (RFC 9162, section 2.1.3). ``holds`` is False where the log is not what
    was signed any more.
    """

    organisation_id: UUID
    entry_id: UUID
    seq: int
    leaf: bytes
    number: int
    size: int
    root: bytes
    path: tuple[bytes, ...]
    note: str
    holds: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "holds": self.holds,
            "organisation": str(self.organisation_id),
            "entry": str(self.entry_id),
            "seq": self.seq,
            "leaf": self.leaf.hex(),
            "checkpoint": self.number,
            "size": self.size,
            "root": self.root.hex(),
            "path": [node.hex() for node in self.path],
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the log's first ``first`` entries are the beginning of its first ``second`` (RFC 9162, section 2.1.4)."""

    organisation_id: UUID
    first: int
    second: int
    first_root: bytes
    second_root: bytes
    path: tuple[bytes, ...]
    holds: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "holds": self.holds,
            "organisation": str(self.organisation_id),
            "first": self.first,
            "second": self.second,
            "first_root": self.first_root.hex(),
            "second_root": self.second_root.hex(),
            "path": [node.hex() for node in self.path],
        }


def prove_entry(*, organisation_id: UUID, actor: Actor, entry: UUID | int, checkpoint: int | None = None) -> Inclusion:
    """Prove that an entry, named by its id or number, is under the last checkpoint, or the one of that number.

    Raises:
        UnprovableError: there is no such entry or checkpoint, or no checkpoint covers the entry yet.
    """
    with log_of(organisation_id):
        position = _position(organisation_id, entry)
        signed = _checkpoint(organisation_id, checkpoint)
        if position.seq > signed.size:
            raise UnprovableError(
                f"Checkpoint {signed.number} covers {signed.size} entries and this is entry {position.seq}: "
                "wait for the next one, or make it with `audit checkpoint`."
            )
        try:
            path = tree.inclusion_proof(organisation_id, position.seq, signed.size)
        except tree.MissingLeafError as error:
            raise UnprovableError(f"{error} It was there when checkpoint {signed.number} was signed.") from error
        leaf, root = bytes(position.leaf_hash), bytes(signed.root)
        holds = merkle.verify_inclusion(leaf=leaf, index=position.seq - 1, size=signed.size, proof=path, root=root)
        record(
            organisation_id=organisation_id,
            actor=actor,
            action="audit.proved",
            object=Ref("entry", position.entry_id),
            outcome="success" if holds else "failure",
            digests={"seq": position.seq, "checkpoint": signed.number},
        )
    return Inclusion(
        organisation_id=organisation_id,
        entry_id=position.entry_id,
        seq=position.seq,
        leaf=leaf,
        number=signed.number,
        size=signed.size,
        root=root,
        path=tuple(path),
        note=signed.note,
        holds=holds,
    )


def prove_consistency(*, organisation_id: UUID, actor: Actor, first: int, second: int) -> Consistency:
    """Prove that two states of a log agree. Where a checkpoint was signed at a size, its root counts.

    Raises:
        UnprovableError: the sizes are not in order, or the log lacks entries.
    """
    if not 1 <= first <= second:
        raise UnprovableError("Give two sizes in order, the first at least 1.")
    with log_of(organisation_id):
        try:
            roots = [_root(organisation_id, size) for size in (first, second)]
            path = tree.consistency_proof(organisation_id, first, second)
        except tree.MissingLeafError as error:
            raise UnprovableError(str(error)) from error
        holds = merkle.verify_consistency(
            first=first, second=second, first_root=roots[0], second_root=roots[1], proof=path
        )
        record(
            organisation_id=organisation_id,
            actor=actor,
            action="audit.proved",
            outcome="success" if holds else "failure",
            digests={"first": first, "second": second},
        )
    return Consistency(organisation_id, first, second, roots[0], roots[1], tuple(path), holds)


def _position(organisation_id: UUID, entry: UUID | int) -> Position:
    positions = Position.objects.filter(organisation_id=organisation_id)
    found = (positions.filter(seq=entry) if isinstance(entry, int) else positions.filter(entry_id=entry)).first()
    if found is None:
        raise UnprovableError(f"The log has no entry {entry} with a position.")
    return found


def _checkpoint(organisation_id: UUID, number: int | None) -> Checkpoint:
    checkpoints = Checkpoint.objects.filter(organisation_id=organisation_id)
    found = (checkpoints.order_by("-number") if number is None else checkpoints.filter(number=number)).first()
    if found is None:
        raise UnprovableError(
            "The log has no checkpoint yet." if number is None else f"There is no checkpoint {number}."
        )
    return found


def _root(organisation_id: UUID, size: int) -> bytes:
    signed = Checkpoint.objects.filter(organisation_id=organisation_id, size=size).first()
    return bytes(signed.root) if signed else tree.root_at(organisation_id, size)
