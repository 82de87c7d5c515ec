"""How secrets are kept: random ones by their SHA-256, passwords stretched by argon2, one-time codes by their secret."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from functools import cache

import pyotp
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

__all__ = ["code_step", "digest", "hash_password", "is_password", "new_code_secret", "provisioning_uri"]

_STEP_SECONDS = 30


def digest(secret: str) -> str:
    """What is stored of a random secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


@cache
def _argon2() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_hash() -> str:
    return _argon2().hash("nobody has this password")


def hash_password(password: str) -> str:
    """What is stored of a password."""
    return _argon2().hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """True where it fits; takes as long for an account that does not exist, so that time tells nothing."""
    try:
        fits = _argon2().verify(password, stored or _nobodys_hash())
    except (UnknownHashError, UnicodeEncodeError):
        return False
    return fits and stored is not None


def new_code_secret() -> str:
    """A secret for one-time codes (RFC 6238)."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, name: str) -> str:
    """What an authenticator application scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="reachback")


def code_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is – now, the one before or the one after – or None where it is none of them."""
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // _STEP_SECONDS
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode("utf-8", "replace")):
            return step
    return None
