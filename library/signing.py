"""The store's Ed25519 key, made on first use, and signatures of releases.

A signature stands under one line of text: what it is, the release's name, and the SHA-256 of its manifest. So a
signature given for one purpose can never be shown for another.
"""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from library.errors import BrokenRelease, KeyRefused
from library.safe_files import write_once

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = [
    "EXPORT",
    "PUBLIC_KEY_NAME",
    "RELEASE",
    "check_signature",
    "key_fingerprint",
    "public_key_path",
    "public_key_text",
    "sign",
]

RELEASE, EXPORT = "release", "export"  # what a signature can stand for
PRIVATE_KEY_NAME = "release-signing-key.pem"
PUBLIC_KEY_NAME = "release-public-key.pem"


def public_key_path(store: Path) -> Path:
    """Where the key lies that others check releases with."""
    return store / "keys" / PUBLIC_KEY_NAME


def sign(store: Path, release: str, digest: str, what: str = RELEASE) -> str:
    """Signature of a release, or of the files of an export of it, base64; the key is made where there is none yet.

    Raises
    ------
    KeyRefused
        The key cannot be read, made, or is no Ed25519 key.
    """
    return base64.b64encode(_private_key(store).sign(_statement(release, digest, what))).decode()


def check_signature(public_key: bytes, release: str, digest: str, signature: str, what: str = RELEASE) -> None:
    """Pass where the signature is this key's and stands for this release and manifest, or list of files.

    Parameters
    ----------
    public_key : bytes
        PEM.

    Raises
    ------
    KeyRefused
        No Ed25519 public key.
    BrokenRelease
        The signature does not fit.
    """
    from cryptography.exceptions import InvalidSignature

    try:
        _public_key(public_key).verify(base64.b64decode(signature, validate=True), _statement(release, digest, what))
    except (InvalidSignature, ValueError):
        signed = "manifest" if what == RELEASE else "list of files"
        raise BrokenRelease(
            f"the signature of {release} does not fit its {signed} under this key; do not use it and ask its laboratory"
        ) from None


def public_key_text(store: Path) -> bytes:
    """The public key as PEM.

    Raises
    ------
    KeyRefused
        There is none.
    """
    try:
        return public_key_path(store).read_bytes()
    except OSError as error:
        raise KeyRefused(f"the key {public_key_path(store)} cannot be read ({error.strerror})") from None


def key_fingerprint(public_key: bytes) -> str:
    """First 16 hexadecimal digits of the SHA-256 of the raw key: what people compare over the telephone."""
    import hashlib

    return hashlib.sha256(_public_key(public_key).public_bytes_raw()).hexdigest()[:16]


def _statement(release: str, digest: str, what: str) -> bytes:
    return f"reachback library {what}\n{release}\n{digest}\n".encode()


def _public_key(pem: bytes) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise KeyRefused("this is no public key in PEM form") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyRefused("this is no Ed25519 key; releases are signed with Ed25519")
    return key


def _private_key(store: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
        load_pem_private_key,
    )

    path = store / "keys" / PRIVATE_KEY_NAME
    try:
        if not path.exists():
            made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            with contextlib.suppress(FileExistsError):
                write_once(path, made, mode=0o400)
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyRefused(f"{path} is no Ed25519 key; releases are signed with Ed25519")
        shown = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with contextlib.suppress(FileExistsError):
            write_once(public_key_path(store), shown)
    except OSError as error:
        raise KeyRefused(f"the signing key {path} cannot be used ({error.strerror})") from None
    except (ValueError, TypeError):
        raise KeyRefused(f"{path} is no private key without a password") from None
    if public_key_path(store).read_bytes() != shown:
        raise KeyRefused(f"{public_key_path(store)} does not belong to {path}; releases would not check; restore one")
    return key
