"""The right that every route states: ``Depends(allow(Role.CHEMIST, …))`` gives a `Principal`, ``public`` gives nobody.

A route without one of the two does not pass the tests. A browser's cookie counts for state-changing requests only where
the browser says that the request comes from our own pages.
"""
# No postponed annotations here: the framework reads the annotations of `Right.__call__`, an instance's, as they stand.

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.problems import NotAllowed, NotSignedIn

__all__ = ["SESSION_COOKIE", "Right", "allow", "check_same_origin", "public"]

SESSION_COOKIE = "reachback_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="a token made by `reachback token`")
_COOKIE = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, scheme_name="session", description="a browser's session")


class Right:
    """Lets the named roles in, and says who it is."""

    def __init__(self, *roles: Role) -> None:
        if not roles:
            raise ValueError("a right names at least one role; `public` is for everyone")
        self.roles = frozenset(roles)

    def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
        cookie: Annotated[str | None, Security(_COOKIE)],
    ) -> Principal:
        """The account behind the request, or a refusal."""
        accounts = request.app.state.services.accounts
        if bearer is not None:
            principal: Principal = accounts.principal_of_token(bearer.credentials)
        elif cookie:
            if request.method not in _SAFE_METHODS:
                check_same_origin(request)
            principal = accounts.principal_of_session(cookie)
        else:
            raise NotSignedIn("this needs a bearer token or a signed-in session")
        if principal.role not in self.roles:
            allowed = ", ".join(sorted(self.roles))
            raise NotAllowed(f"the role {principal.role} may not do this; it is for: {allowed}")
        return principal


def allow(*roles: Role) -> Right:
    """Deny everyone but these roles; ``allow(*Role)`` is everyone who is signed in."""
    return Right(*roles)


def public() -> None:
    """Nobody has to say who he is."""


def check_same_origin(request: Request) -> None:
    """Refuse a state-changing request that another site made a browser send."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site == "same-origin":
            return
        raise NotAllowed("this request came from another site; use the pages of this service")
    origin = request.headers.get("origin")
    if origin is None or urlsplit(origin).netloc != request.headers.get("host"):
        raise NotAllowed("a request with a session cookie must say that it comes from this service (Origin)")
