"""Who may do what: accounts, tokens, identities elsewhere (audited), browser sessions and sign-in attempts (not)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reachback.db.base import AuditedBase, Base, UtcTime

__all__ = ["Account", "BrowserSession", "ExternalIdentity", "Role", "SignInAttempt", "Token"]


class Role(StrEnum):
    """The contract's roles."""

    OFFICER = "officer"
    CHEMIST = "chemist"
    LIBRARIAN = "librarian"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMIN = "admin"
    DEVICE = "device"


class Account(AuditedBase):
    """A person or a device. Officers and devices see their own unit's scans and cases only."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)
    password_hash: Mapped[str | None] = mapped_column(Text, default=None)
    totp_secret: Mapped[str | None] = mapped_column(Text, default=None)


class Token(AuditedBase):
    """A bearer token, kept as its SHA-256 only; the token itself was shown once."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    sha256: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime, default=None)


class ExternalIdentity(AuditedBase):
    """Whom an identity provider knows, by its issuer and its subject, and whose account that is."""

    __tablename__ = "external_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class BrowserSession(Base):
    """A signed-in browser; ends by inactivity and by age."""

    __tablename__ = "browser_sessions"

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)


class SignInAttempt(Base):
    """Failed sign-ins, counted per name and per address for the rate limit."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
