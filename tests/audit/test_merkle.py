from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from llmasos.audit import merkle

# Certificate Transparency's reference inputs with their roots (transparency-dev/merkle, testonly/constants.go).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
sizes = st.integers(1, 300)


def root(leaves: Sequence[bytes]) -> bytes:
    tree = merkle.CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def leaves_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % number) for number in range(size)]


def nodes_of(leaves: Sequence[bytes]) -> dict[merkle.Subtree, bytes]:
    tree = merkle.CompactRange()
    return {(level, index): node for leaf in leaves for level, index, node in tree.grow(leaf)}


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    return merkle.proof_nodes(merkle.inclusion_ranges(index, len(leaves)), nodes_of(leaves).__getitem__)


def consistency(leaves: Sequence[bytes], first: int) -> list[bytes]:
    return merkle.proof_nodes(merkle.consistency_ranges(first, len(leaves)), nodes_of(leaves).__getitem__)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert root([merkle.leaf_hash(bytes.fromhex(value)) for value in INPUTS[:size]]).hex() == ROOTS[size]


@given(sizes, st.data())
def test_inclusion_proofs_convince_another_library(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    tree = InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(b"%d" % number)
    leaves = leaves_of(size)
    theirs = tree.prove_inclusion(index + 1)
    verify_inclusion(leaves[index], root(leaves), theirs)
    assert theirs.path == [leaves[index], *inclusion(leaves, index)]


@given(sizes, st.data())
def test_another_librarys_consistency_proofs_hold_for_our_roots(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, size))
    tree = InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(b"%d" % number)
    leaves = leaves_of(size)
    verify_consistency(root(leaves[:first]), root(leaves), tree.prove_consistency(first, size))


@given(sizes, st.data())
def test_every_inclusion_proof_holds_for_its_leaf_and_place_alone(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size + 1))
    leaves = leaves_of(size)
    proof = inclusion(leaves, index)

    def holds(
        *, leaf: bytes = leaves[index], place: int = index, of: int = size, path: Sequence[bytes] = proof
    ) -> bool:
        return merkle.verify_inclusion(leaf=leaf, index=place, size=of, proof=path, root=root(leaves))

    assert holds()
    assert not holds(leaf=merkle.leaf_hash(b"another"))
    assert not holds(path=[*proof, bytes(32)])
    assert not proof or not holds(path=proof[:-1])
    assert holds(place=other) == (other == index)


@given(st.integers(0, 300), st.data())
def test_every_consistency_proof_holds_for_its_two_trees_alone(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size))
    leaves = leaves_of(size)
    proof = consistency(leaves, first)

    def holds(
        *, before: bytes = root(leaves[:first]), after: bytes = root(leaves), path: Sequence[bytes] = proof
    ) -> bool:
        return merkle.verify_consistency(first=first, second=size, first_root=before, second_root=after, proof=path)

    assert holds()
    assert not holds(before=bytes(32))
    assert not first or not holds(after=bytes(32))
    assert not holds(path=[*proof, bytes(32)])
    assert not proof or not holds(path=proof[:-1])


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_tree_taken_up_from_its_peaks_grows_as_before(size: int, more: int) -> None:
    leaves = leaves_of(size + more)
    nodes = nodes_of(leaves[:size])
    tree = merkle.CompactRange(size, [nodes[subtree] for subtree in merkle.subtrees(0, size)])
    for leaf in leaves[size:]:
        tree.append(leaf)
    assert (tree.size, tree.root()) == (size + more, root(leaves))


def test_a_tree_is_not_taken_up_from_the_wrong_number_of_peaks() -> None:
    with pytest.raises(ValueError, match="2 complete subtrees"):
        merkle.CompactRange(5, [bytes(32)])
