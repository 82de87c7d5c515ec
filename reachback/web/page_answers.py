"""What a browser gets instead of a problem document, and the headers that bind every page.

Written on the bare protocol, outermost, so that a refusal from any layer – a right, a limit of the body, a fault –
reaches a person as a page in his language that says what to do next. Below ``/api/`` nothing is changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reachback.accounts.routes_rights import SESSION_COOKIE
from reachback.web.rendering import render_page

__all__ = ["CONTENT_POLICY", "PageAnswers", "safe_next"]

# No inline script, no inline style, nothing from anywhere else.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self';"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PROBLEM = "application/problem+json"
_KEPT = ("retry-after", "allow", "connection", "www-authenticate")
_BY_BROWSER = "/api/v1/oidc/"  # where a person is led through on his way to the identity provider and back
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, a form would not say where it comes from (Origin: null)
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class PageAnswers:
    """Turns problem documents into pages for browsers, and adds the headers of pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; look at what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(Request(scope), send)
        await self._app(scope, receive, answer.send)
        await answer.finish(scope, receive)


class _Answer:
    """One answer on its way out; a problem document is held back until it is whole."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request, self._send = request, send
        self._wants_page = _wants_page(request)
        self._held: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            if self._wants_page and kind.startswith(_PROBLEM):
                self._held = message
                return
            _add_headers(message, self._request, kind)
        elif self._held is not None:
            self._body += message.get("body", b"")
            return
        await self._send(message)

    async def finish(self, scope: Scope, receive: Receive) -> None:
        if self._held is None:
            return
        held, self._held = self._held, None
        headers = Headers(raw=held["headers"])
        kept = {name: headers[name] for name in _KEPT if name in headers}
        page = _error_page(self._request, json.loads(self._body), kept)
        await page(scope, receive, self.send)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    if path.startswith("/api/") and not path.startswith(_BY_BROWSER):
        return False
    return "text/html" in request.headers.get("accept", "") or _is_fragment(request)


def _is_fragment(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _add_headers(message: Message, request: Request, kind: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _EVERYWHERE.items():
        headers.setdefault(name, value)
    if request.app.state.settings.public_url.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if kind.startswith("text/html"):
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers.setdefault("Cache-Control", "private, no-store")


def _error_page(request: Request, problem: Mapping[str, Any], headers: dict[str, str]) -> Response:
    status = int(problem["status"])
    if _is_fragment(request):
        # Nothing that somebody reads or types is replaced by a refusal: it goes to the place of notices.
        more = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML", **headers}
        return render_page(request, "fragments/refusal.html", status=status, headers=more, problem=problem)
    if request.url.path.startswith(_BY_BROWSER):
        return _sign_in_form(request, problem, headers, "/", "refused")
    if status == 401:
        return _sign_in_page(request, problem, headers)
    return render_page(request, "error.html", status=status, headers=headers, problem=problem)


def _sign_in_page(request: Request, problem: Mapping[str, Any], headers: dict[str, str]) -> Response:
    had_session = SESSION_COOKIE in request.cookies
    is_look = request.method in ("GET", "HEAD")
    if is_look and not had_session and request.headers.get("sec-fetch-site") == "cross-site":
        # A link in a mail: the browser keeps the cookie back from other sites' links, but not from our own page's.
        return render_page(request, "coming_in.html", headers=headers)
    wanted = str(request.url.replace(scheme="", netloc="")) if is_look else _referring_path(request)
    reason = "ended" if had_session else "none"
    if not is_look:
        reason = "not_taken"
    return _sign_in_form(request, problem, headers, wanted, reason)


def _sign_in_form(
    request: Request, problem: Mapping[str, Any], headers: dict[str, str], wanted: str, reason: str
) -> Response:
    return render_page(
        request,
        "sign_in.html",
        status=int(problem["status"]),
        headers=headers,
        next=safe_next(wanted),
        reason=reason,
        name="",
        problem=problem,
    )


def _referring_path(request: Request) -> str:
    parts = urlsplit(request.headers.get("referer", ""))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def safe_next(wanted: str) -> str:
    """Where to go after signing in: a path of this service, never another site."""
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_path and not wanted.startswith("/sign-") else "/"
