"""The growing tree against the definition of RFC 6962, written down once more, slowly."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reachback.audit.merkle import EMPTY_ROOT, Frontier, consistency_proof, inclusion_proof, root_of
from reachback.audit.proof_check import ProofRefused, check_consistency, check_inclusion, leaf_hash

SIZES = st.integers(1, 70)


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(f"entry {number}".encode()) for number in range(size)]


def root_by_definition(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else hashlib.sha256().digest()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    left, right = root_by_definition(hashes[:split]), root_by_definition(hashes[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


class Grown:
    """A tree grown leaf by leaf, with the nodes it completed."""

    def __init__(self, size: int) -> None:
        self.frontier = Frontier()
        self.nodes = {(0, number): leaf for number, leaf in enumerate(leaves(size))}
        for leaf in leaves(size):
            self.frontier, completed = self.frontier.append(leaf)
            self.nodes.update({(node.level, node.position): node.sha256 for node in completed})

    def node_at(self, level: int, position: int) -> bytes:
        return self.nodes[(level, position)]


def test_the_empty_tree() -> None:
    assert Frontier().root == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_a_leaf_is_hashed_as_the_standard_says() -> None:
    # RFC 6962 test vector: the leaf of the empty string.
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(size=SIZES)
def test_the_root_is_the_one_of_the_definition(size: int) -> None:
    tree = Grown(size)
    assert tree.frontier.root == root_by_definition(leaves(size))


@given(size=SIZES, data=st.data())
def test_older_roots_are_found_in_the_stored_nodes(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    assert root_of(old, Grown(size).node_at) == root_by_definition(leaves(old))


@given(size=SIZES, data=st.data())
def test_inclusion(size: int, data: st.DataObject) -> None:
    tree, index = Grown(size), data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, tree.node_at)
    assert len(proof) <= size.bit_length()
    check_inclusion(leaves(size)[index], index, size, proof, tree.frontier.root)
    with pytest.raises(ProofRefused):
        check_inclusion(leaf_hash(b"another"), index, size, proof, tree.frontier.root)
    other = data.draw(st.integers(-1, size))
    if other != index:
        with pytest.raises(ProofRefused):
            check_inclusion(leaves(size)[index], other, size, proof, tree.frontier.root)
    with pytest.raises(ProofRefused):
        check_inclusion(leaves(size)[index], index, size, [*proof, bytes(32)], tree.frontier.root)


@given(size=SIZES, data=st.data())
def test_consistency(size: int, data: st.DataObject) -> None:
    tree, old = Grown(size), data.draw(st.integers(1, size))
    old_root = root_by_definition(leaves(old))
    proof = consistency_proof(old, size, tree.node_at)
    check_consistency(old, old_root, size, tree.frontier.root, proof)
    with pytest.raises(ProofRefused):
        check_consistency(old, bytes(32), size, tree.frontier.root, proof)
    with pytest.raises(ProofRefused):
        check_consistency(old, old_root, size, bytes(32), proof)
    with pytest.raises(ProofRefused):
        check_consistency(old, old_root, size, tree.frontier.root, [*proof, bytes(32)])


@pytest.mark.parametrize(("size", "hashes"), [(1, ()), (2, (b"a", b"b")), (-1, ())])
def test_a_frontier_has_a_hash_for_each_bit_of_its_size(size: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier(size, hashes)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not among"):
        inclusion_proof(index, size, Grown(3).node_at)


@pytest.mark.parametrize(("old", "size"), [(0, 3), (4, 3)])
def test_no_tree_grew_out_of_a_larger_one(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="does not begin"):
        consistency_proof(old, size, Grown(3).node_at)
