"""An OpenID Connect provider: where it is asked, what it answers, and whether the answer is to be believed.

Needs the extra ``oidc``; nothing of it is loaded where no provider is set. What is checked of an ID token: its
signature by a key of the provider (never a shared secret, never none), issuer, audience, authorised party, expiry, time
of issue, nonce, and the hash of the access token where there is one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from reachback.accounts.provider_flow import Flow
from reachback.clock import Clock
from reachback.problems import Busy, NotSignedIn
from reachback.settings import Settings

__all__ = ["IdentityProvider", "ProviderRefused", "check_provider"]

_log = logging.getLogger(__name__)

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_EXTRA = ("authlib", "joserfc", "httpx2")  # authlib brings the second, and speaks HTTP by the third
_LEEWAY = 60  # [s] by which two clocks may differ
_TIMEOUT = 10.0  # [s] for each of its answers
_KNOWN_FOR = timedelta(minutes=10)
_ASK_AGAIN_AFTER = timedelta(seconds=60)  # for keys that are not known; a forged token must not make us ask each time
_LONGEST_ANSWER = 2**20  # [bytes]
_REFUSED = (
    "the identity provider's answer cannot be believed; begin again, and tell your administrator if it happens again"
)


class ProviderRefused(Exception):
    """The settings name a provider that cannot be used."""


def check_provider(settings: Settings) -> None:
    """Refuse settings that cannot work, or would not be safe, in one sentence; nothing is wrong where none is set."""
    if settings.oidc_issuer is None:
        return
    if any(find_spec(name) is None for name in _EXTRA):
        raise ProviderRefused(
            "REACHBACK_OIDC_ISSUER is set, and the extra for it is not installed: pip install 'reachback[oidc]'"
        )
    if not settings.oidc_client_id or not settings.oidc_client_secret:
        raise ProviderRefused("REACHBACK_OIDC_ISSUER needs REACHBACK_OIDC_CLIENT_ID and REACHBACK_OIDC_CLIENT_SECRET")
    if not settings.oidc_roles:
        raise ProviderRefused(
            "REACHBACK_OIDC_ISSUER needs REACHBACK_OIDC_ROLES, which says what lets whom in, as in"
            ' {"reach-back-chemists": "chemist"}; without it nobody is let in'
        )
    if not _is_private(settings.oidc_issuer):
        raise ProviderRefused("REACHBACK_OIDC_ISSUER has to be an https address")


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read or change what is said to this address."""
    parts = urlsplit(url)
    is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_here))


class IdentityProvider:
    """Speaks to the provider of the settings; one for all requests of a process."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        check_provider(settings)
        self._issuer, self._client_id = str(settings.oidc_issuer), str(settings.oidc_client_id)
        self._client_secret, self._scopes = str(settings.oidc_client_secret), settings.oidc_scopes
        self._redirect_uri = settings.public_url.rstrip("/") + "/api/v1/oidc/callback"
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, Any] | None = None

    def address_for(self, flow: Flow) -> str:
        """Where the browser goes to sign in (authorization code, PKCE by S256)."""
        with self._client() as client:
            address, _state = client.create_authorization_url(
                self._metadata()["authorization_endpoint"],
                state=flow.state,
                code_verifier=flow.verifier,
                nonce=flow.nonce,
            )
        return str(address)

    def claims_for(self, code: str, flow: Flow) -> dict[str, Any]:
        """What the provider says of who signed in, once all of it has been checked."""
        metadata = self._metadata()
        try:
            with self._client() as client:
                answer = client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=flow.verifier,
                    redirect_uri=self._redirect_uri,
                )
        except Exception as error:  # noqa: BLE001 – errors of four packages; whatever it is, nobody is let in
            raise _refused(f"no token for the code: {type(error).__name__}: {error}") from None
        id_token = answer.get("id_token")
        if not isinstance(id_token, str):
            raise _refused("the answer holds no ID token")
        return self._checked(id_token, answer.get("access_token"), flow)

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import (  # type: ignore[import-untyped,import-not-found,unused-ignore]
            OAuth2Client,
        )

        return OAuth2Client(
            self._client_id,
            self._client_secret,
            scope=self._scopes,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            timeout=_TIMEOUT,
            follow_redirects=False,
        )

    def _checked(self, id_token: str, access_token: str | None, flow: Flow) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped,import-not-found,unused-ignore]
        from joserfc import jwt
        from joserfc.errors import JoseError

        try:
            token = self._decoded(jwt, id_token)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={"nonce": flow.nonce, "client_id": self._client_id, "access_token": access_token},
            )
            claims.validate(now=int(self._clock.now().timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _refused(f"the ID token does not hold: {type(error).__name__}: {error}") from None
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise _refused("the ID token names no subject")
        return dict(claims)

    def _decoded(self, jwt: Any, id_token: str) -> Any:
        """The token, its signature checked; with keys fetched anew where they may have been changed meanwhile."""
        from joserfc.errors import JoseError

        try:
            return jwt.decode(id_token, self._key_set(), algorithms=list(_ALGORITHMS))
        except (JoseError, ValueError):
            fetched_at = self._keys[0] if self._keys else None
            if fetched_at is None or self._clock.now() - fetched_at < _ASK_AGAIN_AFTER:
                raise
            self._keys = None
            return jwt.decode(id_token, self._key_set(), algorithms=list(_ALGORITHMS))

    def _metadata(self) -> dict[str, Any]:
        """The provider's own description of itself."""
        with self._lock:
            now = self._clock.now()
            if self._known is None or now - self._known[0] >= _KNOWN_FOR:
                found = self._fetched(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
                self._known = (now, self._described(found))
            return self._known[1]

    def _described(self, found: Mapping[str, Any]) -> dict[str, Any]:
        if found.get("issuer") != self._issuer:
            raise _unreachable(f"it calls itself {found.get('issuer')!r}, and REACHBACK_OIDC_ISSUER is another")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(found.get(name), str) or not _is_private(found[name]):
                raise _unreachable(f"its {name} is no https address")
        return dict(found)

    def _key_set(self) -> Any:
        from joserfc.jwk import KeySet

        metadata = self._metadata()
        with self._lock:
            now = self._clock.now()
            if self._keys is None or now - self._keys[0] >= _KNOWN_FOR:
                self._keys = (now, KeySet.import_key_set(self._fetched(metadata["jwks_uri"])))  # type: ignore[arg-type]
            return self._keys[1]

    def _fetched(self, url: str) -> dict[str, Any]:
        import httpx

        try:
            answer = httpx.get(url, timeout=_TIMEOUT, follow_redirects=False)
            answer.raise_for_status()
            if len(answer.content) > _LONGEST_ANSWER:
                raise ValueError("the answer is too long")
            document = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _unreachable(f"{url}: {error}") from None
        if not isinstance(document, dict):
            raise _unreachable(f"{url} gives no JSON object")
        return document


def _refused(why: str) -> NotSignedIn:
    """The person learns that it did not work; why is for the log, and never holds the token itself."""
    _log.warning("sign-in by the identity provider refused: %s", why)
    return NotSignedIn(_REFUSED)


def _unreachable(why: str) -> Busy:
    _log.error("the identity provider cannot be used: %s", why)
    return Busy("the identity provider cannot be used now; try again, or sign in with a password", retry_after=30)
