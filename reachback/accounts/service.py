"""Accounts and their tokens: who is behind a request, and what administrators change about it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reachback.accounts import repository
from reachback.accounts.external_sign_in import ExternalSignIn
from reachback.accounts.models import Account, Role, Token
from reachback.accounts.rights import Principal
from reachback.accounts.secrets_kept import digest, hash_password, new_code_secret, provisioning_uri
from reachback.accounts.signing_in import SignIn
from reachback.clock import Chance, Clock
from reachback.db.session import Database
from reachback.problems import Conflict, NotFound, NotSignedIn, Unprocessable
from reachback.settings import Settings

__all__ = ["LONGEST_NAME", "SHORTEST_PASSWORD", "AccountService"]

LONGEST_NAME = 200
SHORTEST_PASSWORD = 12


class AccountService:
    """Who is who."""

    def __init__(self, database: Database, clock: Clock, chance: Chance, settings: Settings) -> None:
        self._database, self._clock, self._chance = database, clock, chance
        self._signing_in = SignIn(database, clock, chance, settings)
        self.external = ExternalSignIn(database, clock, chance, settings)
        self.sign_in = self._signing_in.sign_in
        self.sign_out = self._signing_in.sign_out
        self.principal_of_session = self._signing_in.principal_of_session

    def principal_of_token(self, token: str) -> Principal:
        """Who a bearer token speaks for."""
        with self._database.reading() as session:
            found = repository.token_by_digest(session, digest(token))
            if found is None or found[0].revoked_at is not None or found[1].disabled_at is not None:
                raise NotSignedIn("this token is unknown, revoked, or of an account that was disabled")
            return principal_of(found[1])

    def token_for(self, role: Role, name: str, unit: str | None, actor: str = "command line") -> str:
        """A further token of the account with this name, which is made if there is none; shown this once."""
        _check_name(name)
        try:
            return self._token_for(role, name, unit, actor)
        except IntegrityError:  # another process made the account at the same moment
            return self._token_for(role, name, unit, actor)

    def _token_for(self, role: Role, name: str, unit: str | None, actor: str) -> str:
        with self._database.writing(actor, "token.make") as session:
            account = repository.account_by_name(session, name)
            if account is None:
                account = self._add_account(session, name, role, unit)
            elif account.role != role:
                raise Conflict(f"{name} is an account of the role {account.role}; a role is never changed to {role}")
            elif unit is not None and account.unit != unit:
                raise Conflict(f"{name} belongs to the unit {account.unit}, not to {unit}")
            elif account.disabled_at is not None:
                raise Conflict(f"the account {name} was disabled; enable it before it gets a token")
            return self._add_token(session, account.id)[1]

    def create(self, principal: Principal, *, name: str, role: Role, unit: str | None, password: str | None) -> Any:
        """A new account; refused where the name is taken."""
        _check_name(name)
        hashed = None if password is None else _hashed(password)  # slow on purpose, so not inside the transaction
        with self._database.writing(principal.account_id, "account.create") as session:
            if repository.account_by_name(session, name) is not None:
                raise Conflict(f"the name {name} is taken")
            account = self._add_account(session, name, role, unit)
            account.password_hash = hashed
            return account_as_json(account)

    def _add_account(self, session: Session, name: str, role: Role, unit: str | None) -> Account:
        account_id = self._chance.new_id()
        # Without a unit it is one of its own: its id, which no other unit can bear by accident.
        account = Account(
            id=account_id, name=name, role=role.value, unit=unit or account_id, created_at=self._clock.now()
        )
        session.add(account)
        session.flush()
        return account

    def _add_token(self, session: Session, account_id: str) -> tuple[Token, str]:
        secret = self._chance.new_secret()
        token = Token(
            id=self._chance.new_id(), account_id=account_id, sha256=digest(secret), created_at=self._clock.now()
        )
        session.add(token)
        return token, secret

    def name_of(self, session: Session, account_id: str) -> str:
        """The name an account goes by; its id where there is no such account."""
        account = repository.account_by_id(session, account_id)
        return account_id if account is None else account.name

    def accounts(self) -> list[dict[str, Any]]:
        """Every account, without its secrets."""
        with self._database.reading() as session:
            return [account_as_json(account) for account in repository.all_accounts(session)]

    def account(self, account_id: str) -> dict[str, Any]:
        """One account, without its secrets."""
        with self._database.reading() as session:
            return account_as_json(_existing(session, account_id))

    def set_disabled(self, principal: Principal, account_id: str, disabled: bool) -> dict[str, Any]:
        """Let an account in no more, or again; its sessions end at once, its tokens rest."""
        if disabled and account_id == principal.account_id:
            raise Conflict("you cannot disable your own account; another administrator can")
        with self._database.writing(principal.account_id, f"account.{'disable' if disabled else 'enable'}") as session:
            account = _existing(session, account_id)
            if disabled != (account.disabled_at is not None):
                account.disabled_at = self._clock.now() if disabled else None
            if disabled:
                repository.end_sessions_of(session, account_id)
            return account_as_json(account)

    def set_password(self, principal: Principal, account_id: str, password: str) -> dict[str, Any]:
        """A new password; whoever is signed in with the old one is signed out."""
        hashed = _hashed(password)
        with self._database.writing(principal.account_id, "account.password") as session:
            account = _existing(session, account_id)
            account.password_hash = hashed
            repository.end_sessions_of(session, account_id)
            return account_as_json(account)

    def set_codes(self, principal: Principal, account_id: str) -> dict[str, Any]:
        """A new secret for one-time codes, shown this once; signing in asks for a code from now on."""
        secret = new_code_secret()
        with self._database.writing(principal.account_id, "account.codes") as session:
            account = _existing(session, account_id)
            account.totp_secret = secret
            repository.end_sessions_of(session, account_id)
            return {
                "account_id": account.id,
                "secret": secret,
                "provisioning_uri": provisioning_uri(secret, account.name),
            }

    def make_token(self, principal: Principal, account_id: str) -> dict[str, Any]:
        """A further token of an account; the only time that it is shown."""
        with self._database.writing(principal.account_id, "token.make") as session:
            account = _existing(session, account_id)
            if account.disabled_at is not None:
                raise Conflict(f"the account {account.name} was disabled; enable it before it gets a token")
            token, secret = self._add_token(session, account_id)
            return {**token_as_json(token), "token": secret}

    def tokens(self, account_id: str | None) -> list[dict[str, Any]]:
        """Tokens by when they were made, without the secrets, which nobody has any more."""
        with self._database.reading() as session:
            return [token_as_json(token) for token in repository.tokens_of(session, account_id)]

    def revoke_token(self, principal: Principal, token_id: str) -> dict[str, Any]:
        """Let a token in no more; a second time changes nothing."""
        with self._database.writing(principal.account_id, "token.revoke") as session:
            token = repository.token_by_id(session, token_id)
            if token is None:
                raise NotFound(f"there is no token {token_id}")
            if token.revoked_at is None:
                token.revoked_at = self._clock.now()
            return token_as_json(token)


def principal_of(account: Account) -> Principal:
    """The account as rights see it."""
    return Principal(account.id, account.name, Role(account.role), account.unit)


def account_as_json(account: Account) -> dict[str, Any]:
    """What administrators see of an account."""
    return {
        "account_id": account.id,
        "name": account.name,
        "role": account.role,
        "unit": account.unit,
        "created_at": account.created_at,
        "disabled_at": account.disabled_at,
        "has_password": account.password_hash is not None,
        "has_codes": account.totp_secret is not None,
    }


def token_as_json(token: Token) -> dict[str, Any]:
    """What administrators see of a token."""
    return {
        "token_id": token.id,
        "account_id": token.account_id,
        "created_at": token.created_at,
        "revoked_at": token.revoked_at,
    }


def _existing(session: Session, account_id: str) -> Account:
    account = repository.account_by_id(session, account_id)
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    return account


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise Unprocessable(f"a name has 1 to {LONGEST_NAME} printable characters and no blank at either end")


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise Unprocessable(f"a password has at least {SHORTEST_PASSWORD} characters")
    return hash_password(password)
