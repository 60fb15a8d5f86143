"""Bundles: what a third party needs to check a log, or a part of it, without this system (docs/audit-bundle.md).

A range of entries comes with the hashes of what is before it and a consistency proof to the next checkpoint, so that
the whole range is proved at once. Chosen entries come each with an inclusion proof. Payloads stay here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.utils import timezone

from llmasos.audit import canonical, tree
from llmasos.audit.models import Checkpoint, Position, SigningKey
from llmasos.audit.reading import Placed, Selection, placed_entries
from llmasos.audit.scope import log_of

FORMAT = "llmasos-audit-bundle"
VERSION = 1

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def bundle_lines(organisation_id: UUID, selection: Selection) -> Iterator[str]:
    """Yield the bundle's lines; ``selection`` names the last entry.

    Raises:
        MissingLeafError: the log lacks an entry that a proof needs.
        ValueError: the range ends before it begins, or is not in the log.
    """
    first, last = selection.from_seq, selection.to_seq
    if last is None or not 1 <= first <= last + 1:
        raise ValueError("A bundle's range begins at 1 or later and ends in the log.")
    with log_of(organisation_id):
        checkpoints = _checkpoints(organisation_id, selection)
        head = [
            {
                "type": "bundle",
                "format": FORMAT,
                "version": VERSION,
                "organisation": str(organisation_id),
                "complete": selection.is_range,
                "before": _before(organisation_id, first if selection.is_range else 1),
                "created_at": canonical.written_time(timezone.now()),
            },
            *({"type": "key", "note": key.endorsement} for key in SigningKey.objects.order_by("number")),
            *({"type": "checkpoint", "note": checkpoint.note} for checkpoint in checkpoints),
        ]
        if selection.is_range:
            head.extend(_links(organisation_id, checkpoints, first, last))
    yield from map(_encode, head)
    count = 0
    size = checkpoints[-1].size if checkpoints else 0
    for placed in placed_entries(organisation_id, selection):
        yield _encode(_entry_line(placed, 0 if selection.is_range else size))
        count += 1
    yield _encode({"type": "end", "entries": count})


def _checkpoints(organisation_id: UUID, selection: Selection) -> list[Checkpoint]:
    """Return the checkpoints that a bundle shows, in their order.

    Of a range all within it, the one before and the one after; of chosen entries the last one, which proves them.
    """
    every = Checkpoint.objects.filter(organisation_id=organisation_id)
    if not selection.is_range:
        return list(every.order_by("-number")[:1])
    before = every.filter(size__lt=selection.from_seq).order_by("-number").values_list("number", flat=True).first()
    after = every.filter(size__gte=selection.to_seq).order_by("number").values_list("number", flat=True).first()
    found = every.order_by("number")
    if before is not None:
        found = found.filter(number__gte=before)
    if after is not None:
        found = found.filter(number__lte=after)
    return list(found)


def _before(organisation_id: UUID, first: int) -> dict[str, Any]:
    """Return what the log was before its entry ``first``: its complete subtrees, and the hash of its chain."""
    size = first - 1
    if size == 0:
        return {"size": 0, "peaks": [], "chain": canonical.genesis(organisation_id).hex()}
    chain = Position.objects.values_list("chain_hash", flat=True).get(organisation_id=organisation_id, seq=size)
    peaks = [node.hex() for node in tree.peaks(organisation_id, size)]
    return {"size": size, "peaks": peaks, "chain": bytes(chain).hex()}


def _links(organisation_id: UUID, checkpoints: list[Checkpoint], first: int, last: int) -> Iterator[dict[str, Any]]:
    """Yield the consistency proofs that tie a range to the checkpoints outside it."""
    for checkpoint in checkpoints:
        if checkpoint.size < first - 1:
            ends = (checkpoint.size, first - 1)
        elif checkpoint.size > last:
            ends = (last, checkpoint.size)
        else:
            continue
        path = [node.hex() for node in tree.consistency_proof(organisation_id, *ends)]
        yield {"type": "consistency", "first": ends[0], "second": ends[1], "path": path}


def _entry_line(placed: Placed, size: int) -> dict[str, Any]:
    line: dict[str, Any] = {
        "type": "entry",
        "seq": placed.seq,
        "entry": placed.document,
        "sequenced_at": canonical.microseconds(placed.sequenced_at),
        "previous": placed.previous_hash.hex(),
        "leaf": placed.leaf_hash.hex(),
        "chain": placed.chain_hash.hex(),
    }
    if 0 < placed.seq <= size:
        path = tree.inclusion_proof(placed.entry.organisation_id, placed.seq, size)
        line["proof"] = {"size": size, "path": [node.hex() for node in path]}
    return line
