"""The desk's own key, made in the data folder on the first start, and the checkpoints it signs."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from reachback.audit.proof_check import key_id

__all__ = ["KeyRefused", "SignedCheckpoint", "SigningKey", "private_key_path", "public_key", "public_key_path"]


class KeyRefused(Exception):
    """The key in the data folder cannot be used."""


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A signed statement of how long the log is and what its root is."""

    size: int
    root_sha256: str
    note: str


def private_key_path(data_dir: Path) -> Path:
    """Where the signing key lies."""
    return data_dir / "keys" / "audit-signing-key.pem"


def public_key_path(data_dir: Path) -> Path:
    """Where the key lies that others check with."""
    return data_dir / "keys" / "audit-public-key.pem"


def public_key(data_dir: Path) -> Ed25519PublicKey:
    """The public key of a data folder; refused where it is not there or no Ed25519 key."""
    path = public_key_path(data_dir)
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise KeyRefused(f"the audit key {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise KeyRefused(f"{path} is no public key") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyRefused(f"{path} is no Ed25519 key")
    return key


class SigningKey:
    """Signs checkpoints under the name of one log."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key()
        # The name follows from the key, so that two desks never speak under one name.
        self.origin = f"reachback/{hashlib.sha256(self.public.public_bytes_raw()).hexdigest()[:16]}"

    @classmethod
    def of(cls, data_dir: Path) -> SigningKey:
        """The key of a data folder, made there if there is none yet."""
        path = private_key_path(data_dir)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path)
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise KeyRefused(f"the audit key {path} cannot be read: {error.strerror}") from None
        except (ValueError, TypeError):
            raise KeyRefused(f"{path} is no private key without a password") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyRefused(f"{path} is no Ed25519 key")
        shown = public_key_path(data_dir)
        if not shown.exists():
            _write_once(shown, cls(key).public_text.encode())
            shown.chmod(0o644)
        return cls(key)

    @property
    def public_text(self) -> str:
        """The public key as PEM."""
        return self.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, size: int, root: bytes) -> SignedCheckpoint:
        """The same size and root always give the same note."""
        text = f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = key_id(self.origin, self.public) + self._key.sign(text.encode())
        note = f"{text}\n\u2014 {self.origin} {base64.b64encode(signature).decode()}\n"
        return SignedCheckpoint(size, root.hex(), note)


def _make(path: Path) -> None:
    """Make a key for nobody else's eyes; of two processes that start at once, one makes it."""
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_once(path, content)


def _write_once(path: Path, content: bytes) -> None:
    """Whole or not at all, and never over what is there."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".making-")  # readable by its owner only
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
