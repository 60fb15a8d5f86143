"""Merkle trees as in RFC 9162, section 2.1: roots, proofs and their checks. Pure: no database, no Django.

A leaf's place is its 0-based index, a tree is named by its size, and a subtree of ``2**level`` leaves by
``(level, index)``: it spans the leaves from ``index << level``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
Subtree = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The root of a growing tree, with one hash for each bit of its size."""

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Begin with a tree of ``size`` leaves, whose complete subtrees from the left are ``peaks``."""
        if len(peaks) != size.bit_count():
            raise ValueError(f"A tree of {size} leaves has {size.bit_count()} complete subtrees, not {len(peaks)}.")
        self._size = size
        self._peaks = list(peaks)

    @property
    def size(self) -> int:
        return self._size

    def append(self, leaf_hash: bytes) -> None:
        size, peaks, node = self._size, self._peaks, leaf_hash
        self._size = size + 1
        while size & 1:
            node = sha256(b"\x01" + peaks.pop() + node).digest()
            size >>= 1
        peaks.append(node)

    def grow(self, leaf_hash: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Append a leaf while yielding level, index and hash of every subtree that it completes, itself first."""
        size, peaks, level, node = self._size, self._peaks, 0, leaf_hash
        self._size = size + 1
        yield 0, size, node
        while size & 1:
            node = node_hash(peaks.pop(), node)
            size >>= 1
            level += 1
            yield level, size, node
        peaks.append(node)

    def root(self) -> bytes:
        return joined(self._peaks)


def joined(peaks: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees given from left (largest) to right (smallest)."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def complete_root(nodes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of neighbouring hashes."""
    while len(nodes) > 1:
        nodes = [node_hash(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
    return nodes[0]


def subtrees(start: int, end: int) -> list[Subtree]:
    """Return the complete subtrees of the leaves from ``start`` to before ``end``, largest first.

    ``start`` is a multiple of a power of two that is no smaller than the range, as in every proof.
    """
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the leaf ranges whose roots prove that leaf ``index`` is in the tree of ``size``, nearest first."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    ranges, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(first: int, second: int) -> list[tuple[int, int]]:
    """Return the leaf ranges whose roots prove that the tree of ``first`` begins the tree of ``second``."""
    if not 0 <= first <= second:
        raise ValueError(f"A tree of {first} leaves does not begin one of {second}.")
    if first in {0, second}:
        return []
    ranges, start, end = [], 0, second
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def proof_nodes(ranges: Iterable[tuple[int, int]], node: Callable[[Subtree], bytes]) -> list[bytes]:
    """Return a proof: the roots of ``ranges``, made from the complete subtrees that ``node`` knows."""
    return [joined([node(subtree) for subtree in subtrees(start, end)]) for start, end in ranges]


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether ``proof`` shows that the leaf with hash ``leaf`` is at ``index`` of the tree (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(other, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, other)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether ``proof`` shows that the tree of ``first`` leaves begins the tree of ``second`` (2.1.4.2).

    An empty tree begins every tree.
    """
    if not 0 <= first <= second:
        return False
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if first == second:
        return not proof and first_root == second_root
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, other)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)
