"""Signing in by an identity provider: two addresses that a browser is led through."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from reachback.accounts.external_sign_in import ExternalSignIn
from reachback.accounts.provider_flow import BEGIN_AGAIN, FLOW_SECONDS
from reachback.accounts.routes_rights import public
from reachback.accounts.session_cookie import keep_session
from reachback.problems import NotSignedIn

__all__ = ["router"]

router = APIRouter(tags=["accounts"], prefix="/oidc")
FLOW_COOKIE = "reachback_oidc"
_PATH = "/api/v1/oidc"
_NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
# The session's cookie is never sent on a way that began at another site: so a page of ours takes the last step.
_GO_ON = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">'
    '<title>Signed in</title><p>Signed in. <a href="/">Go on</a></p></html>'
)


def _sign_in(request: Request) -> ExternalSignIn:
    service: ExternalSignIn = request.app.state.services.accounts.external
    return service


External = Annotated[ExternalSignIn, Depends(_sign_in)]


@router.get(
    "/sign-in",
    dependencies=[Depends(public)],
    status_code=303,
    response_class=RedirectResponse,
    responses={303: {"description": "to the identity provider"}},
)
def begin(request: Request, external: External) -> Response:
    """Begin to sign in: on to the identity provider."""
    begun = external.begin()
    response = RedirectResponse(begun.address, status_code=303, headers=_NO_STORE)
    response.set_cookie(
        FLOW_COOKIE,
        begun.sealed,
        max_age=FLOW_SECONDS,
        httponly=True,
        samesite="lax",  # it has to come along when the provider sends the browser back
        secure=request.app.state.settings.public_url.startswith("https:"),
        path=_PATH,
    )
    return response


@router.get("/callback", dependencies=[Depends(public)], response_class=HTMLResponse)
def finish(
    request: Request,
    external: External,
    state: Annotated[str, Query(max_length=1000)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    """The identity provider sends the browser back here; it leaves with a session, or with the reason why not."""
    sealed = request.cookies.get(FLOW_COOKIE)
    if error is not None:
        raise NotSignedIn("the identity provider did not sign you in; begin again")
    if not sealed or not code:
        raise NotSignedIn(BEGIN_AGAIN)
    signed_in = external.finish(sealed, state, code)
    response = HTMLResponse(_GO_ON, headers=_NO_STORE)
    response.delete_cookie(FLOW_COOKIE, path=_PATH, httponly=True, samesite="lax")
    keep_session(request, response, signed_in.secret)
    return response
