"""All queries on accounts, tokens, sessions and sign-in attempts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from reachback.accounts.models import Account, BrowserSession, ExternalIdentity, SignInAttempt, Token

__all__ = [
    "account_by_id",
    "account_by_name",
    "account_of_identity",
    "add_attempt",
    "all_accounts",
    "attempts_since",
    "end_sessions_of",
    "forget_attempts",
    "forget_attempts_before",
    "session_by_digest",
    "take_turns",
    "token_by_digest",
    "token_by_id",
    "tokens_of",
]


def account_by_id(session: Session, account_id: str) -> Account | None:
    """One account."""
    return session.get(Account, account_id)


def account_by_name(session: Session, name: str) -> Account | None:
    """The account that bears a name."""
    return session.scalars(select(Account).where(Account.name == name)).one_or_none()


def account_of_identity(session: Session, issuer: str, subject: str) -> Account | None:
    """The account of somebody whom an identity provider knows."""
    whose = select(Account).join(ExternalIdentity, ExternalIdentity.account_id == Account.id)
    return session.scalar(whose.where(ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject))


def all_accounts(session: Session) -> Sequence[Account]:
    """Every account by name."""
    return session.scalars(select(Account).order_by(Account.name)).all()


def token_by_digest(session: Session, sha256: str) -> tuple[Token, Account] | None:
    """A token and whose it is."""
    found = session.execute(
        select(Token, Account).join(Account, Account.id == Token.account_id).where(Token.sha256 == sha256)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def token_by_id(session: Session, token_id: str) -> Token | None:
    """One token."""
    return session.get(Token, token_id)


def tokens_of(session: Session, account_id: str | None) -> Sequence[Token]:
    """Tokens of one account, or of all."""
    wanted = select(Token).order_by(Token.created_at, Token.id)
    return session.scalars(wanted if account_id is None else wanted.where(Token.account_id == account_id)).all()


def session_by_digest(session: Session, sha256: str) -> tuple[BrowserSession, Account] | None:
    """A browser session and whose it is."""
    found = session.execute(
        select(BrowserSession, Account)
        .join(Account, Account.id == BrowserSession.account_id)
        .where(BrowserSession.sha256 == sha256)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def end_sessions_of(session: Session, account_id: str) -> None:
    """Sign an account out everywhere."""
    session.execute(delete(BrowserSession).where(BrowserSession.account_id == account_id))


def attempts_since(session: Session, key: str, since: datetime) -> tuple[int, datetime | None]:
    """How many attempts there were, and when the oldest of them was."""
    count, oldest = session.execute(
        select(func.count(), func.min(SignInAttempt.at)).where(SignInAttempt.key == key, SignInAttempt.at >= since)
    ).one()
    return int(count), oldest


def take_turns(session: Session, keys: Iterable[str]) -> None:
    """From here to the end of the transaction nobody else counts under these keys; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        for key in sorted(keys):  # in one order everywhere, so that nobody waits for each other
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def add_attempt(session: Session, key: str, at: datetime) -> None:
    """Count one attempt."""
    session.add(SignInAttempt(key=key, at=at))


def forget_attempts(session: Session, key: str) -> None:
    """Count anew from here."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.key == key))


def forget_attempts_before(session: Session, moment: datetime) -> None:
    """What no limit looks at any more."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < moment))
