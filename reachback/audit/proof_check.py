"""The stand-alone verifier: proves from an entry, its proof and a signed checkpoint that the entry is in the log.

It needs no database and nothing else of this project: with the public key of a desk, this one file is enough::

    python proof_check.py proof.json audit-public-key.pem

Leaves and nodes are hashed as in RFC 6962 (0x00 before a leaf, 0x01 before a node), checkpoints are signed notes: the
origin, the size, the root, an empty line, and an Ed25519 signature.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

__all__ = [
    "ENTRY_FIELDS",
    "CheckpointText",
    "ProofRefused",
    "check_consistency",
    "check_inclusion",
    "check_proof",
    "entry_bytes",
    "key_id",
    "leaf_hash",
    "node_hash",
    "open_checkpoint",
]

ENTRY_FIELDS = ("index", "at", "actor", "action", "table_name", "row_id", "row_sha256")
_SIGNATURE_MARK = "\u2014 "
_ED25519 = b"\x01"


class ProofRefused(ValueError):
    """What was shown does not prove what it claims."""


@dataclass(frozen=True, slots=True)
class CheckpointText:
    """What a checkpoint says: the log, its size, and the root of its tree."""

    origin: str
    size: int
    root: bytes


def entry_bytes(entry: Mapping[str, Any]) -> bytes:
    """The one way of writing an entry down; this is what a leaf is the hash of."""
    chosen = {name: entry[name] for name in ENTRY_FIELDS}
    text = json.dumps(chosen, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogateescape")


def leaf_hash(content: bytes) -> bytes:
    """Hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Refuse where the leaf is not number ``index`` of the tree of this size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofRefused(f"entry {index} is not among the {size} of the checkpoint")
    node, last, reached = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofRefused("the proof is longer than the tree is high")
        if node & 1 or node == last:
            reached = node_hash(step, reached)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        node, last = node >> 1, last >> 1
    if last != 0 or reached != root:
        raise ProofRefused(f"the proof does not lead from entry {index} to the root of the checkpoint")


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Refuse where the larger tree is not the smaller one with entries added (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= size:
        raise ProofRefused(f"a log of {size} entries cannot have grown out of one of {old_size}")
    if old_size == size and (proof or old_root != root):
        raise ProofRefused("two checkpoints of one size have different roots")
    if old_size < size:
        _check_growth(old_size, old_root, size, root, proof)


def _check_growth(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    steps = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not steps:
        raise ProofRefused("the proof is empty")
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old, new = steps[0], steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofRefused("the proof is longer than the tree is high")
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    if last != 0 or old != old_root or new != root:
        raise ProofRefused("the later log does not contain the earlier one: entries were changed or taken away")


def key_id(origin: str, public_key: Ed25519PublicKey) -> bytes:
    """Four bytes that say which key signed a note."""
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + public_key.public_bytes_raw()).digest()[:4]


def open_checkpoint(note: str, public_key: Ed25519PublicKey) -> CheckpointText:
    """What a signed note says; refuse where the signature is not this key's."""
    text, gap, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 3 or not lines[1].isdecimal():
        raise ProofRefused("this is no checkpoint: origin, size, root, an empty line and a signature are expected")
    origin = lines[0]
    for line in signatures.splitlines():
        name, _, encoded = line.removeprefix(_SIGNATURE_MARK).rpartition(" ")
        if name == origin and _is_signed(encoded, f"{text}\n".encode(), key_id(origin, public_key), public_key):
            return CheckpointText(origin, int(lines[1]), _decoded(lines[2]))
    raise ProofRefused("the checkpoint does not bear a signature of this key")


def _is_signed(encoded: str, text: bytes, expected_id: bytes, public_key: Ed25519PublicKey) -> bool:
    signature = _decoded(encoded)
    if signature[:4] != expected_id:
        return False
    try:
        public_key.verify(signature[4:], text)
    except InvalidSignature:
        return False
    return True


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        raise ProofRefused("the checkpoint holds something that is not base64") from None


def check_proof(document: Mapping[str, Any], public_key: Ed25519PublicKey) -> CheckpointText:
    """Check one answer of ``/api/v1/audit/proof/{index}`` as a whole; say which log state it belongs to."""
    try:
        entry, note = document["entry"], document["checkpoint"]
        path = [bytes.fromhex(step) for step in document["proof"]]
        leaf, index = leaf_hash(entry_bytes(entry)), int(entry["index"])
    except (KeyError, TypeError, ValueError) as error:
        raise ProofRefused(f"this is no proof document: {type(error).__name__} {error}") from None
    checkpoint = open_checkpoint(str(note), public_key)
    check_inclusion(leaf, index, checkpoint.size, path, checkpoint.root)
    return checkpoint


def _main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2:
        sys.stderr.write("usage: python proof_check.py PROOF.json PUBLIC-KEY.pem\n")
        return 2
    try:
        document = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        public_key = load_pem_public_key(Path(arguments[1]).read_bytes())
        if not isinstance(public_key, Ed25519PublicKey):
            raise ProofRefused(f"{arguments[1]} is no Ed25519 public key")
        checkpoint = check_proof(document, public_key)
    except ProofRefused as refused:
        sys.stderr.write(f"not proved: {refused}\n")
        return 1
    except (OSError, ValueError) as error:
        sys.stderr.write(f"cannot be read: {error}\n")
        return 3
    sys.stdout.write(f"proved: the entry is in the log {checkpoint.origin} of {checkpoint.size} entries\n")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
