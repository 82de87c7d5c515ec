"""Sessions of browsers: signing in with password and one-time code, and how a session ends.

An attempt is counted before the password is looked at, so that many at once do not slip past the limit; a success
takes its count back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from reachback.accounts import repository
from reachback.accounts.models import Account, BrowserSession, Role
from reachback.accounts.rights import Principal
from reachback.accounts.secrets_kept import code_step, digest, is_password
from reachback.clock import Chance, Clock
from reachback.db.session import Database
from reachback.problems import NotSignedIn, TooManyAttempts
from reachback.settings import Settings

__all__ = ["ATTEMPTS_PER_ADDRESS", "ATTEMPTS_PER_NAME", "SignIn", "SignedIn"]

ATTEMPTS_PER_NAME = 10
ATTEMPTS_PER_ADDRESS = 50
_WINDOW = timedelta(minutes=15)
_SEEN_EVERY = timedelta(seconds=30)  # a sign of life is written this often, not with every request
_REFUSED = "name, password or one-time code are not right"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the secret for the cookie, and whose it is."""

    secret: str
    principal: Principal


class SignIn:
    """Opens, finds and ends sessions."""

    def __init__(self, database: Database, clock: Clock, chance: Chance, settings: Settings) -> None:
        self._database, self._clock, self._chance = database, clock, chance
        self._idle = timedelta(seconds=settings.session_idle_seconds)
        self._longest = timedelta(seconds=settings.session_seconds)

    def sign_in(self, name: str, password: str, code: str | None, address: str) -> SignedIn:
        """Open a session; every refusal says the same, so that it tells nobody which part was wrong."""
        keys = {f"name:{name}": ATTEMPTS_PER_NAME, f"address:{address}": ATTEMPTS_PER_ADDRESS}
        account = self._count_attempt(name, keys)
        stored = None if account is None or account.disabled_at is not None else account.password_hash
        if not is_password(password, stored) or account is None:
            raise NotSignedIn(_REFUSED)
        secret, now = self._chance.new_secret(), self._clock.now()
        with self._database.writing(account.id, "session.open") as session:
            self._use_code(session, account, code, now)
            for key in keys:
                repository.forget_attempts(session, key)
            session.add(BrowserSession(sha256=digest(secret), account_id=account.id, created_at=now, seen_at=now))
        return SignedIn(secret, Principal(account.id, account.name, Role(account.role), account.unit))

    def _count_attempt(self, name: str, keys: dict[str, int]) -> Account | None:
        now = self._clock.now()
        with self._database.writing("sign-in", "session.attempt") as session:
            repository.take_turns(session, keys)
            for key, limit in keys.items():
                count, oldest = repository.attempts_since(session, key, now - _WINDOW)
                if count >= limit and oldest is not None:
                    wait = max(1, int((oldest + _WINDOW - now).total_seconds()) + 1)
                    raise TooManyAttempts("too many attempts to sign in; wait before the next", retry_after=wait)
            repository.forget_attempts_before(session, now - _WINDOW)
            for key in keys:
                repository.add_attempt(session, key, now)
            return repository.account_by_name(session, name)

    def _use_code(self, session: Session, account: Account, code: str | None, now: datetime) -> None:
        """A code counts once: whoever saw it typed cannot use it too."""
        if account.totp_secret is None:
            return
        step = None if code is None else code_step(account.totp_secret, code, now)
        used = f"code:{account.id}:{step}"
        repository.take_turns(session, [used])
        if step is None or repository.attempts_since(session, used, now - _WINDOW)[0]:
            raise NotSignedIn(_REFUSED)
        repository.add_attempt(session, used, now)

    def principal_of_session(self, secret: str) -> Principal:
        """Who a session's cookie speaks for; refused after inactivity, and after its longest time in any case."""
        now = self._clock.now()
        with self._database.reading() as session:
            found = repository.session_by_digest(session, digest(secret))
        if found is None or found[1].disabled_at is not None:
            raise NotSignedIn("this session has ended; sign in again")
        opened, account = found
        if now - opened.seen_at >= self._idle or now - opened.created_at >= self._longest:
            self.sign_out(secret)
            raise NotSignedIn("this session has ended; sign in again")
        if now - opened.seen_at >= _SEEN_EVERY:
            with self._database.writing(account.id, "session.seen") as session:
                still = repository.session_by_digest(session, digest(secret))
                if still is not None:
                    still[0].seen_at = now
        return Principal(account.id, account.name, Role(account.role), account.unit)

    def sign_out(self, secret: str) -> None:
        """End a session; one that has ended stays ended."""
        with self._database.writing("sign-out", "session.close") as session:
            found = repository.session_by_digest(session, digest(secret))
            if found is not None:
                session.delete(found[0])
