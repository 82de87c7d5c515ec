"""Coming in and going out: sign-in, sign-out, the language, and the page a role begins with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow, check_same_origin, public
from reachback.accounts.session_cookie import end_session, keep_session
from reachback.problems import NotSignedIn, TooManyAttempts
from reachback.web.languages import LANGUAGE_COOKIE, LANGUAGES
from reachback.web.navigation import home_of
from reachback.web.page_answers import safe_next
from reachback.web.rendering import render_page

__all__ = ["router", "see_other"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
_A_YEAR = 365 * 24 * 3600

Anyone = Annotated[Principal, Depends(allow(*Role))]
Line = Annotated[str, Form(max_length=200)]


def see_other(path: str) -> Response:
    """Go on there; what was sent is not sent again by a reload."""
    return RedirectResponse(path, 303)


@router.get("/")
def home(principal: Anyone) -> Response:
    """The page that a role begins with."""
    return see_other(home_of(principal.role))


@router.get("/sign-in", dependencies=[Depends(public)])
def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002 – the name in the address
    """Name, password and one-time code."""
    return render_page(request, "sign_in.html", next=safe_next(next), reason="none", name="", problem=None)


@router.post("/sign-in", dependencies=[Depends(public)])
def sign_in(
    request: Request,
    name: Line,
    password: Annotated[str, Form(max_length=1000)],
    code: Annotated[str, Form(max_length=20)] = "",
    next: Line = "/",  # noqa: A002 – the name in the form
) -> Response:
    """Open a session and go where the reader wanted to."""
    check_same_origin(request)
    address = request.client.host if request.client else "unknown"
    wanted = safe_next(next)
    try:
        opened = request.app.state.services.accounts.sign_in(name, password, code.replace(" ", "") or None, address)
    except (NotSignedIn, TooManyAttempts) as problem:
        return render_page(
            request,
            "sign_in.html",
            status=problem.status,
            headers={} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)},
            next=wanted,
            reason="refused",
            name=name,
            problem=problem,
        )
    answer = see_other(wanted)
    keep_session(request, answer, opened.secret)
    return answer


@router.post("/sign-out", dependencies=[Depends(public)])
def sign_out(request: Request) -> Response:
    """End the session; also one that has ended already."""
    check_same_origin(request)
    answer = see_other("/sign-in")
    end_session(request, answer)
    return answer


@router.post("/language", dependencies=[Depends(public)])
def choose(request: Request, language: Line, back: Line = "/") -> Response:
    """Choose the language of the pages in this browser."""
    check_same_origin(request)
    answer = see_other(safe_next(back))
    if language in LANGUAGES:
        secure = request.app.state.settings.public_url.startswith("https:")
        answer.set_cookie(LANGUAGE_COOKIE, language, _A_YEAR, secure=secure, httponly=True, samesite="lax")
    return answer
