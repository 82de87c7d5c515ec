"""Compares the log with itself: every entry with its leaf, the tree with its leaves, checkpoints with the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text
from sqlalchemy.orm import Session

from reachback.audit.merkle import Frontier, Node
from reachback.audit.models import HEAD_ID
from reachback.audit.proof_check import ENTRY_FIELDS, ProofRefused, entry_bytes, leaf_hash, open_checkpoint
from reachback.strict_json import dump_strictly

__all__ = ["Broken", "LogCheck", "check_log"]

_HASH = re.compile(r"[0-9a-f]{64}")
_MISSED_AT_MOST = 100  # named one by one; a changed index may pretend that there were more than anybody can list


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that is not as it was written; ``index`` is the entry that knows of it, if any."""

    index: int | None
    table: str
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class LogCheck:
    """How many entries there are, each row's last entry (index, SHA-256), and what is broken."""

    entries: int
    last_of_row: dict[tuple[str, str], tuple[int, Any]]
    broken: list[Broken]


@dataclass(frozen=True, slots=True)
class _Noted:
    """A checkpoint as it lies there."""

    size: int
    root: Any
    note: Any
    id: str


def check_log(session: Session, public_key: Ed25519PublicKey | None, outside_note: str | None) -> LogCheck:
    """Go through the whole log once."""
    broken: list[Broken] = []
    walk = _Walk(session, _checkpoints(session, outside_note, public_key, broken), broken)
    for row in session.execute(text(f"SELECT {_columns()} FROM audit_entries ORDER BY 1")):  # noqa: S608
        walk.step(dict(zip((*ENTRY_FIELDS, "leaf_sha256"), row, strict=True)))
    walk.end()
    return LogCheck(walk.entries, walk.last_of_row, broken)


def _columns() -> str:
    return ", ".join(f'"{name}"' for name in (*ENTRY_FIELDS, "leaf_sha256"))


class _Walk:
    """From the first entry to the last; behind a gap the tree is not known, and entries stand for themselves."""

    def __init__(self, session: Session, checkpoints: dict[int, _Noted], broken: list[Broken]) -> None:
        self._session, self._checkpoints, self._broken = session, checkpoints, broken
        self._nodes = _NodeStream(session, broken)
        self._tree: Frontier | None = Frontier()
        self._next = 0
        self.entries = 0
        self.last_of_row: dict[tuple[str, str], tuple[int, Any]] = {}

    def step(self, entry: dict[str, Any]) -> None:
        """One entry."""
        self.entries += 1
        index = entry["index"]
        if not isinstance(index, int) or index < self._next:
            self._broken.append(Broken(None, "audit_entries", str(index), "the entry has no index of the log"))
            return
        if index > self._next:
            self._miss(index)
        leaf = _checked_leaf(entry, self._broken)
        self.last_of_row[(str(entry["table_name"]), str(entry["row_id"]))] = (index, entry["row_sha256"])
        self._next = index + 1
        if self._tree is not None:
            self._grow(self._tree, leaf)

    def _miss(self, index: int) -> None:
        for gone in range(self._next, min(index, self._next + _MISSED_AT_MOST)):
            self._broken.append(Broken(gone, "audit_entries", str(gone), "the entry is gone"))
        if index - self._next > _MISSED_AT_MOST:
            why = f"so are all further entries before {index}"
            self._broken.append(Broken(index - 1, "audit_entries", str(index - 1), why))
        self._tree = None

    def _grow(self, tree: Frontier, leaf: bytes) -> None:
        self._tree, completed = tree.append(leaf)
        self._nodes.compare(tree.size, completed)
        noted = self._checkpoints.get(self._tree.size)
        if noted is not None and noted.root != self._tree.root.hex():
            self._broken.append(_at_checkpoint(noted, "the log was rewritten: its root is not the one that was signed"))

    def end(self) -> None:
        """What follows from the whole."""
        if self._tree is not None:
            self._nodes.end()
            _check_head(self._session, self._tree, self._broken)
        else:
            self._broken.append(Broken(None, "audit_head", str(HEAD_ID), "no tree fits a log with gaps"))
        for noted in self._checkpoints.values():
            if noted.size > self._next:
                why = f"it is of {noted.size} entries, and the log has {self._next}"
                self._broken.append(_at_checkpoint(noted, why))
        if self.entries == 0:
            why = "the log is empty, so nothing can be called unchanged"
            self._broken.append(Broken(None, "audit_entries", "", why))


def _checked_leaf(entry: Mapping[str, Any], broken: list[Broken]) -> bytes:
    """The leaf as it is stored, so that one changed entry does not make the whole tree look changed."""
    index, stored = entry["index"], entry["leaf_sha256"]
    try:
        computed = leaf_hash(entry_bytes(entry)).hex()
    except TypeError:  # a value of a kind that no entry has
        computed = ""
    if stored != computed:
        broken.append(Broken(index, "audit_entries", str(index), "the entry was changed"))
    return bytes.fromhex(stored) if isinstance(stored, str) and _HASH.fullmatch(stored) else bytes(32)


class _NodeStream:
    """The stored subtrees in the order in which entries completed them."""

    def __init__(self, session: Session, broken: list[Broken]) -> None:
        rows = session.execute(
            text("SELECT completed_by, level, position, sha256 FROM audit_nodes ORDER BY completed_by, level")
        )
        self._groups: Iterator[tuple[Any, list[tuple[Any, ...]]]] = (
            (key, [tuple(row) for row in group]) for key, group in groupby(rows, key=lambda row: row[0])
        )
        self._waiting = next(self._groups, None)
        self._broken = broken

    def compare(self, index: int, computed: list[Node]) -> None:
        """Compare what the entry with this index completed."""
        while self._waiting is not None and (not isinstance(self._waiting[0], int) or self._waiting[0] < index):
            self._strange()
        stored: list[tuple[Any, ...]] = []
        if self._waiting is not None and self._waiting[0] == index:
            stored = self._waiting[1]
            self._waiting = next(self._groups, None)
        if stored != [(index, node.level, node.position, node.sha256.hex()) for node in computed]:
            self._broken.append(Broken(index, "audit_nodes", str(index), "the tree above this entry was changed"))

    def end(self) -> None:
        """Nothing may be left."""
        while self._waiting is not None:
            self._strange()

    def _strange(self) -> None:
        key = None if self._waiting is None else self._waiting[0]
        self._broken.append(Broken(None, "audit_nodes", str(key), "no entry completed this part of the tree"))
        self._waiting = next(self._groups, None)


def _check_head(session: Session, frontier: Frontier, broken: list[Broken]) -> None:
    rows = session.execute(text("SELECT id, size, frontier FROM audit_head")).all()
    expected = dump_strictly([each.hex() for each in frontier.hashes], indent=None).replace(" ", "")
    if [tuple(row) for row in rows] != [(HEAD_ID, frontier.size, expected)]:
        broken.append(Broken(None, "audit_head", str(HEAD_ID), f"the head is not that of {frontier.size} entries"))


def _checkpoints(
    session: Session, outside_note: str | None, public_key: Ed25519PublicKey | None, broken: list[Broken]
) -> dict[int, _Noted]:
    """Checkpoints by size; those whose signature does not hold are broken already."""
    rows = session.execute(text("SELECT size, root_sha256, note FROM audit_checkpoints ORDER BY size")).all()
    found = [_Noted(size, root, note, str(size)) for size, root, note in rows]
    sound: dict[int, _Noted] = {}
    for noted in found:
        fault = _fault_of_note(noted, public_key)
        if fault is None:
            sound[noted.size] = noted
        else:
            broken.append(_at_checkpoint(noted, fault))
    if outside_note is not None:
        _add_outside_note(outside_note, public_key, sound, broken)
    return sound


def _add_outside_note(
    note: str, public_key: Ed25519PublicKey | None, sound: dict[int, _Noted], broken: list[Broken]
) -> None:
    try:
        if public_key is None:
            raise ProofRefused("there is no public key to check it with")
        said = open_checkpoint(note, public_key)
    except ProofRefused as refused:
        broken.append(Broken(None, "audit_checkpoints", "", f"the checkpoint kept elsewhere: {refused}"))
        return
    # What was kept elsewhere counts more than what lies here.
    sound[said.size] = _Noted(said.size, said.root.hex(), note, f"{said.size}, kept elsewhere")


def _fault_of_note(noted: _Noted, public_key: Ed25519PublicKey | None) -> str | None:
    if public_key is None:
        return "there is no public key to check it with"
    try:
        said = open_checkpoint(str(noted.note), public_key)
    except ProofRefused as refused:
        return str(refused)
    same = (said.size, said.root.hex()) == (noted.size, noted.root)
    return None if same else "its columns are not what was signed"


def _at_checkpoint(noted: _Noted, why: str) -> Broken:
    return Broken(None, "audit_checkpoints", noted.id, why)
