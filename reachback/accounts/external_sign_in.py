"""Signing in by an identity provider: whose account it is, which role the provider's claims give, and the session.

An account belongs to an issuer and its subject, never to a name: who bears the name of a local account elsewhere does
not become it. Nobody is let in whose claims are not mapped to exactly one role, and a role once given is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from reachback.accounts import repository
from reachback.accounts.identity_provider import IdentityProvider, ProviderRefused
from reachback.accounts.models import Account, BrowserSession, ExternalIdentity, Role
from reachback.accounts.provider_flow import Flow, FlowSeal
from reachback.accounts.rights import Principal
from reachback.accounts.secrets_kept import digest
from reachback.accounts.signing_in import SignedIn
from reachback.clock import Chance, Clock
from reachback.db.session import Database
from reachback.problems import Busy, NotAllowed, NotFound
from reachback.settings import Settings

__all__ = ["Begun", "ExternalSignIn", "role_of", "unit_of"]

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it carries."""

    address: str
    sealed: str


class ExternalSignIn:
    """Begins attempts, and ends them with a session or a refusal."""

    def __init__(self, database: Database, clock: Clock, chance: Chance, settings: Settings) -> None:
        self._database, self._clock, self._chance, self._settings = database, clock, chance, settings
        self._provider: IdentityProvider | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is a provider."""
        return self._settings.oidc_issuer is not None

    def begin(self) -> Begun:
        """A new attempt."""
        provider, seal = self._parts()
        flow = Flow.begin(self._chance)
        return Begun(provider.address_for(flow), seal.close(flow, self._clock.now()))

    def finish(self, sealed: str, state: str, code: str) -> SignedIn:
        """A session for who signed in there.

        Raises
        ------
        NotSignedIn
            The attempt is not this browser's, or the provider's answer does not hold.
        NotAllowed
            The provider knows him, and nothing here lets him in.
        """
        provider, seal = self._parts()
        flow = seal.open(sealed, self._clock.now())
        if not flow.is_answered_by(state):
            raise NotAllowed("this answer belongs to another attempt to sign in; begin again")
        claims = provider.claims_for(code, flow)
        return self._open_session(claims)

    def _parts(self) -> tuple[IdentityProvider, FlowSeal]:
        """Made at the first use: commands that sign nobody in need neither the extra nor the provider."""
        if not self.is_set:
            raise NotFound("signing in by an identity provider is not set up here")
        if self._provider is None:
            try:
                self._provider = IdentityProvider(self._settings, self._clock)
            except ProviderRefused as refused:
                raise Busy(str(refused), retry_after=60) from None
        return self._provider, FlowSeal(str(self._settings.oidc_client_secret))

    def _open_session(self, claims: Mapping[str, Any]) -> SignedIn:
        role, unit = role_of(claims, self._settings), unit_of(claims, self._settings)
        secret, now = self._chance.new_secret(), self._clock.now()
        with self._database.writing("identity provider", "session.open") as session:
            account = self._account(session, claims, role, unit)
            session.add(BrowserSession(sha256=digest(secret), account_id=account.id, created_at=now, seen_at=now))
            return SignedIn(secret, Principal(account.id, account.name, Role(account.role), account.unit))

    def _account(self, session: Session, claims: Mapping[str, Any], role: Role, unit: str | None) -> Account:
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        repository.take_turns(session, [f"identity:{issuer}:{subject}"])
        account = repository.account_of_identity(session, issuer, subject)
        if account is None:
            return self._new_account(session, claims, role, unit)
        if account.disabled_at is not None:
            raise NotAllowed("this account was disabled; an administrator can enable it")
        if account.role != role:
            raise NotAllowed(
                f"{account.name} is an account of the role {account.role}, and the identity provider now says {role};"
                " a role is never changed: ask an administrator"
            )
        if unit is not None and account.unit != unit:
            raise NotAllowed(
                f"{account.name} belongs to the unit {account.unit}, and the identity provider now says {unit}; ask an"
                " administrator"
            )
        return account

    def _new_account(self, session: Session, claims: Mapping[str, Any], role: Role, unit: str | None) -> Account:
        account_id, now = self._chance.new_id(), self._clock.now()
        account = Account(
            id=account_id,
            name=self._free_name(session, claims),
            role=role.value,
            unit=unit or account_id,
            created_at=now,
        )
        session.add(account)
        session.flush()
        session.add(
            ExternalIdentity(
                id=self._chance.new_id(),
                account_id=account_id,
                issuer=str(claims["iss"]),
                subject=str(claims["sub"]),
                created_at=now,
            )
        )
        return account

    def _free_name(self, session: Session, claims: Mapping[str, Any]) -> str:
        """The name that the provider gives; with the subject behind it where another account bears that name."""
        subject = str(claims["sub"])
        said = claims.get(self._settings.oidc_name_claim)
        wanted = _plain(said) if isinstance(said, str) else ""
        for name in (wanted, _plain(f"{wanted[:90]} ({subject})"), _plain(f"{self._chance.new_id()} ({subject})")):
            if name and repository.account_by_name(session, name) is None:
                return name
        raise NotAllowed("no free name was found for this account; ask an administrator to make one")


def role_of(claims: Mapping[str, Any], settings: Settings) -> Role:
    """The one role that the claims are mapped to; NotAllowed for none, and for several."""
    given = _values(claims, settings.oidc_role_claim)
    roles = {settings.oidc_roles[value] for value in given if value in settings.oidc_roles}
    if not roles:
        raise NotAllowed(
            "the identity provider knows you, and none of your groups has a role here; ask an administrator"
        )
    if len(roles) > 1:
        named = ", ".join(sorted(roles))
        raise NotAllowed(f"your groups at the identity provider have several roles here ({named}); an account has one")
    return Role(roles.pop())


def unit_of(claims: Mapping[str, Any], settings: Settings) -> str | None:
    """The unit that the claims name; None where no claim is set for it, and then an account is a unit of its own."""
    if settings.oidc_unit_claim is None:
        return None
    units = {_plain(value) for value in _values(claims, settings.oidc_unit_claim)} - {""}
    if len(units) != 1:
        raise NotAllowed("the identity provider does not name exactly one unit for you; ask an administrator")
    return units.pop()


def _values(claims: Mapping[str, Any], path: str) -> list[str]:
    """Texts at a claim; a path with points leads into objects, as in ``realm_access.roles``."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    listed = found if isinstance(found, list) else [found]
    return [value for value in listed if isinstance(value, str)]


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:_LONGEST].strip()
