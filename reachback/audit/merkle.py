"""A Merkle tree that only grows (RFC 6962): appended by its frontier, proved from its stored complete nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from reachback.audit.proof_check import node_hash

__all__ = ["EMPTY_ROOT", "Frontier", "Node", "NodeAt", "consistency_proof", "inclusion_proof", "root_of"]

EMPTY_ROOT = hashlib.sha256(b"").digest()

# Hash of the complete subtree number `position` with 2**level leaves; level 0 are the leaves themselves.
NodeAt = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree above the leaves."""

    level: int
    position: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs: the roots of the complete subtrees, largest first (one for each 1 bit of the size)."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError(f"{len(self.hashes)} subtrees cannot be the frontier of {self.size} leaves")

    def append(self, leaf: bytes) -> tuple[Frontier, list[Node]]:
        """The frontier with one leaf more, and the subtrees which that leaf completes."""
        hashes, completed = [*self.hashes, leaf], []
        level, position = 0, self.size
        while position & 1:
            right = hashes.pop()
            hashes[-1] = node_hash(hashes[-1], right)
            level, position = level + 1, position >> 1
            completed.append(Node(level, position, hashes[-1]))
        return Frontier(self.size + 1, tuple(hashes)), completed

    @property
    def root(self) -> bytes:
        """Root of the tree."""
        if not self.hashes:
            return EMPTY_ROOT
        *larger, root = self.hashes
        for subtree in reversed(larger):
            root = node_hash(subtree, root)
        return root


def root_of(size: int, node_at: NodeAt) -> bytes:
    """Root of the tree as it was when it had this many leaves."""
    return _subtree(0, size, node_at) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node_at: NodeAt) -> list[bytes]:
    """What leads from leaf ``index`` to the root of the tree of ``size`` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among {size}")
    return _path(index, 0, size, node_at)


def consistency_proof(old_size: int, size: int, node_at: NodeAt) -> list[bytes]:
    """What shows that the tree of ``size`` leaves begins with the tree of ``old_size``."""
    if not 0 < old_size <= size:
        raise ValueError(f"a tree of {size} leaves does not begin with one of {old_size}")
    return _subproof(old_size, 0, size, True, node_at)


def _split(n_leaves: int) -> int:
    """The largest power of two below ``n_leaves``."""
    return 1 << ((n_leaves - 1).bit_length() - 1)


def _subtree(first: int, end: int, node_at: NodeAt) -> bytes:
    n_leaves = end - first
    if n_leaves & (n_leaves - 1) == 0:
        level = n_leaves.bit_length() - 1
        return node_at(level, first >> level)
    middle = first + _split(n_leaves)
    return node_hash(_subtree(first, middle, node_at), _subtree(middle, end, node_at))


def _path(index: int, first: int, end: int, node_at: NodeAt) -> list[bytes]:
    if end - first == 1:
        return []
    middle = first + _split(end - first)
    if index < middle:
        return [*_path(index, first, middle, node_at), _subtree(middle, end, node_at)]
    return [*_path(index, middle, end, node_at), _subtree(first, middle, node_at)]


def _subproof(old_end: int, first: int, end: int, is_known: bool, node_at: NodeAt) -> list[bytes]:
    if old_end == end:
        return [] if is_known else [_subtree(first, end, node_at)]
    middle = first + _split(end - first)
    if old_end <= middle:
        return [*_subproof(old_end, first, middle, is_known, node_at), _subtree(middle, end, node_at)]
    return [*_subproof(old_end, middle, end, False, node_at), _subtree(first, middle, node_at)]
