"""The cookie of a browser's session: scripts cannot read it, other sites cannot send it."""

from __future__ import annotations

from fastapi import Request, Response

from reachback.accounts.routes_rights import SESSION_COOKIE

__all__ = ["end_session", "keep_session"]


def keep_session(request: Request, response: Response, secret: str) -> None:
    """Give the browser the secret of its session."""
    settings = request.app.state.settings
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=settings.session_seconds,
        httponly=True,
        samesite="strict",
        secure=settings.public_url.startswith("https:"),
        path="/",
    )


def end_session(request: Request, response: Response) -> None:
    """End the session of the cookie, and take the cookie back."""
    secret = request.cookies.get(SESSION_COOKIE)
    if secret:
        request.app.state.services.accounts.sign_out(secret)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")
