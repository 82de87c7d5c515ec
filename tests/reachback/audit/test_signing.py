"""Keys and checkpoints."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reachback.audit import proof_check
from reachback.audit.proof_check import ProofRefused, open_checkpoint
from reachback.audit.signing import KeyRefused, SigningKey, private_key_path, public_key, public_key_path


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = SigningKey.of(tmp_path)
    assert private_key_path(tmp_path).stat().st_mode & 0o777 == 0o600
    assert SigningKey.of(tmp_path).sign(3, b"r" * 32) == first.sign(3, b"r" * 32)
    assert [path.name for path in (tmp_path / "keys").iterdir() if path.name.startswith(".")] == []


def test_of_many_starts_at_once_one_makes_the_key(tmp_path: Path) -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(SigningKey.of(tmp_path).origin)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1


def test_a_checkpoint_says_what_was_signed(tmp_path: Path) -> None:
    key = SigningKey.of(tmp_path)
    signed = key.sign(7, b"r" * 32)
    said = open_checkpoint(signed.note, public_key(tmp_path))
    assert (said.origin, said.size, said.root) == (key.origin, 7, b"r" * 32)
    assert signed.note.startswith(f"{key.origin}\n7\n")


@pytest.mark.parametrize(
    ("what", "instead"),
    [("\n7\n", "\n8\n"), ("\u2014 ", "- "), ("\n\n", "\n"), ("reachback/", "reachbacc/"), ("=", "!")],
)
def test_a_changed_checkpoint_is_refused(tmp_path: Path, what: str, instead: str) -> None:
    key = SigningKey.of(tmp_path)
    with pytest.raises(ProofRefused):
        open_checkpoint(key.sign(7, b"r" * 32).note.replace(what, instead, 1), key.public)


def test_another_desks_key_does_not_fit(tmp_path: Path) -> None:
    note = SigningKey.of(tmp_path / "one").sign(7, b"r" * 32).note
    with pytest.raises(ProofRefused, match="signature of this key"):
        open_checkpoint(note, SigningKey.of(tmp_path / "other").public)


@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_a_key_that_is_none_is_refused_in_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    SigningKey.of(tmp_path)
    for path in (public_key_path(tmp_path), private_key_path(tmp_path)):
        path.unlink()
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)
    with pytest.raises(KeyRefused, match="key"):
        public_key(tmp_path)
    with pytest.raises(KeyRefused, match="key"):
        SigningKey.of(tmp_path)


def test_the_verifier_stands_alone(tmp_path: Path) -> None:
    """A copy of its one file, in a process that sees nothing of ours, proves a log of one entry."""
    key = SigningKey.of(tmp_path)
    entry = {
        "index": 0,
        "at": "2030-01-02T03:04:05.000000Z",
        "actor": "a",
        "action": "b",
        "table_name": "scans",
        "row_id": "s1",
        "row_sha256": "0" * 64,
    }
    leaf = proof_check.leaf_hash(proof_check.entry_bytes(entry))
    document = {"entry": entry, "proof": [], "checkpoint": key.sign(1, leaf).note}
    (tmp_path / "proof.json").write_text(json.dumps(document), encoding="utf-8")
    copy = tmp_path / "check.py"
    copy.write_text(Path(proof_check.__file__).read_text(encoding="utf-8"), encoding="utf-8")

    def run(proof: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", copy.name, proof, "keys/audit-public-key.pem"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    good = run("proof.json")
    assert (good.returncode, good.stderr) == (0, "")
    assert "proved" in good.stdout
    document["entry"] = {**entry, "actor": "somebody"}
    (tmp_path / "forged.json").write_text(json.dumps(document), encoding="utf-8")
    forged = run("forged.json")
    assert forged.returncode == 1
    assert forged.stderr.startswith("not proved: ")
    assert run("missing.json").returncode == 3
