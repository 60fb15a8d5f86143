"""Comparing the entries that a log holds now with those that were signed, like two versions of a text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

LEAF_BYTES = 32


class Originals:
    """The leaf hashes of a log as they were signed, by place (from 1)."""

    def __init__(self, leaves: bytes) -> None:
        self.size = len(leaves) // LEAF_BYTES
        self._places = {leaves[at : at + LEAF_BYTES]: at // LEAF_BYTES + 1 for at in range(0, len(leaves), LEAF_BYTES)}

    def place(self, leaf: bytes) -> int:
        """Return where a leaf stood; 0 where it was not in the log."""
        return self._places.get(leaf, 0)


@dataclass(slots=True)
class Alignment:
    """How a log differs from what was signed. Deleted stretches are original numbers, the rest present ones."""

    changed: list[int] = field(default_factory=list)
    deleted: list[tuple[int, int]] = field(default_factory=list)
    inserted: list[int] = field(default_factory=list)
    reordered: list[tuple[int, int]] = field(default_factory=list)
    # From here on every original was replaced by other entries; 0 where that is not so.
    branch: int = 0

    def stretches(self) -> Iterator[tuple[int, int]]:
        yield from ((seq, seq) for seq in (*self.changed, *self.inserted))
        yield from (*self.deleted, *self.reordered)


def align(places: Sequence[tuple[int, int]], *, size: int) -> Alignment:
    """Compare a log with its ``size`` originals; ``places`` are present numbers, each with its original one or 0."""
    found = Alignment()
    present = {place for _, place in places if place}
    expected = 1
    strangers: list[int] = []
    seen: set[int] = set()
    for seq, place in places:
        if not place:
            strangers.append(seq)
            continue
        if place in seen:
            # The same entry a second time.
            found.inserted.append(seq)
            continue
        seen.add(place)
        if place < expected:
            found.reordered.append((min(seq, place), max(seq, place)))
            continue
        skipped = range(expected, place)
        if any(other in present for other in skipped):
            found.reordered.append((seq, seq))
        _replace(found, strangers, [other for other in skipped if other not in present])
        strangers, expected = [], place + 1
    gone = [other for other in range(expected, size + 1) if other not in present]
    if len(gone) > 1 and strangers and expected > 1 and len(gone) == size - expected + 1:
        found.branch = expected
        if len(strangers) < len(gone):
            found.deleted.append((gone[len(strangers)], size))
        return found
    # Strangers behind the last original continue the log, and are none of this comparison's business.
    _replace(found, strangers if expected <= size else (), gone)
    return found


def _replace(found: Alignment, strangers: Sequence[int], gone: Sequence[int]) -> None:
    """Pair new entries with those that are missing at their place."""
    found.changed.extend(strangers[: len(gone)])
    found.inserted.extend(strangers[len(gone) :])
    for other in gone[len(strangers) :]:
        if found.deleted and found.deleted[-1][1] == other - 1:
            found.deleted[-1] = (found.deleted[-1][0], other)
        else:
            found.deleted.append((other, other))
