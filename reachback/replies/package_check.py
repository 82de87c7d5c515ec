"""Checks a case package by itself: every row against the signed log, every file against its row.

It needs no database and nothing of this project beside ``proof_check.py``, which lies next to it in the package::

    python check_package.py [FOLDER]      the unpacked package; by default the folder this file lies in

The key in the package proves only that the parts belong together. To prove whose they are, compare its fingerprint with
the one the desk has published.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

try:
    from reachback.audit.proof_check import ProofRefused, check_proof
except ModuleNotFoundError:  # unpacked, with the other file beside this one
    from proof_check import ProofRefused, check_proof  # type: ignore[import-not-found, no-redef]

__all__ = ["check_package", "row_sha256"]

FILES_OF = {"scans": "sha256", "attachments": "sha256", "replies": "report_sha256"}  # table → column with a digest


def row_sha256(values: Mapping[str, Any]) -> str:
    """SHA-256 of a row as stored, as the log's entries hold it."""
    digest = hashlib.sha256(b"reachback.row/1")
    for name in sorted(values):
        value = values[name]
        kind, content = (b"text", str(value).encode("utf-8", "surrogateescape"))
        if value is None:
            kind, content = b"null", b""
        elif isinstance(value, int):
            kind, content = b"integer", str(value).encode()
        digest.update(b"\n%s %s %d:" % (name.encode(), kind, len(content)))
        digest.update(content)
    return digest.hexdigest()


def check_package(folder: Path) -> Iterator[str]:
    """One sentence for each thing that was proved; ProofRefused at the first that is not."""
    key = load_pem_public_key((folder / "proof" / "audit-public-key.pem").read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ProofRefused("proof/audit-public-key.pem is no Ed25519 key")
    yield f"key {hashlib.sha256(key.public_bytes_raw()).hexdigest()}"
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}
    proofs = sorted((folder / "proof").glob("*.json"))
    if not proofs:
        raise ProofRefused("the package holds no proof")
    for path in proofs:
        yield _check_row(json.loads(path.read_text(encoding="utf-8")), path.name, key, digests)


def _check_row(document: Mapping[str, Any], name: str, key: Ed25519PublicKey, digests: set[str]) -> str:
    table, row, entry = document["table"], document["row"], document["proof"]["entry"]
    checkpoint = check_proof(document["proof"], key)
    if (entry["table_name"], entry["row_id"]) != (table, row["id"]):
        raise ProofRefused(f"{name}: the proof is of another row")
    if entry["row_sha256"] != row_sha256(row):
        raise ProofRefused(f"{name}: the row is not the one that the log knows")
    column = FILES_OF.get(table)
    if column and row[column] and row[column] not in digests:
        raise ProofRefused(f"{name}: the file with SHA-256 {row[column]} is missing or was changed")
    return f"{table} {row['id']}: entry {entry['index']} of {checkpoint.size}, as logged {entry['at']}"


def _main(arguments: Sequence[str]) -> int:
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        for sentence in check_package(folder):
            sys.stdout.write(f"{sentence}\n")
    except ProofRefused as refused:
        sys.stderr.write(f"not proved: {refused}\n")
        return 1
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"cannot be checked: {type(error).__name__}: {error}\n")
        return 3
    sys.stdout.write("everything in this package is proved\n")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
