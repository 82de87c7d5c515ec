"""Accounts and their tokens, for administrators: what is secret is shown once, on the page that answers the form."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.accounts.service import SHORTEST_PASSWORD, AccountService
from reachback.problems import Conflict, Unprocessable
from reachback.web.entrance_pages import see_other
from reachback.web.overview.role_words import ROLE_WORDS
from reachback.web.rendering import render_page

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
Admin = Annotated[Principal, Depends(allow(Role.ADMIN))]
Line = Annotated[str, Form(max_length=200)]
Secret = Annotated[str, Form(max_length=1000)]


def _accounts(request: Request) -> AccountService:
    service: AccountService = request.app.state.services.accounts
    return service


@router.get("/accounts")
def list_page(request: Request, principal: Admin) -> Response:
    """Every account, and a form for a further one."""
    return _list_page(request, principal, {})


@router.post("/accounts")
def create(
    request: Request, principal: Admin, name: Line, role: Line = "", unit: Line = "", password: Secret = ""
) -> Response:
    """A new account; where it cannot be, the form stays as it was typed."""
    typed = {"name": name, "role": role, "unit": unit}
    try:
        if role not in set(Role):
            raise Unprocessable("role: choose what the account is for")
        if "\0" in name + unit:
            raise Unprocessable("name, unit: the NUL character is taken nowhere")
        made = _accounts(request).create(
            principal, name=name, role=Role(role), unit=unit.strip() or None, password=password or None
        )
    except (Conflict, Unprocessable) as problem:
        return _list_page(request, principal, typed, problem)
    return see_other(f"/accounts/{made['account_id']}")


@router.get("/accounts/{account_id}")
def account_page(account_id: str, request: Request, principal: Admin) -> Response:
    """One account and its tokens."""
    return _account_page(request, account_id, principal)


@router.post("/accounts/{account_id}/disable")
def disable(account_id: str, request: Request, principal: Admin) -> Response:
    """Let it in no more; its sessions end."""
    return _changed(
        request, account_id, principal, lambda: _accounts(request).set_disabled(principal, account_id, True)
    )


@router.post("/accounts/{account_id}/enable")
def enable(account_id: str, request: Request, principal: Admin) -> Response:
    """Let it in again."""
    return _changed(
        request, account_id, principal, lambda: _accounts(request).set_disabled(principal, account_id, False)
    )


@router.post("/accounts/{account_id}/password")
def set_password(account_id: str, request: Request, principal: Admin, password: Secret) -> Response:
    """Another password; whoever is signed in is signed out."""
    return _changed(
        request, account_id, principal, lambda: _accounts(request).set_password(principal, account_id, password)
    )


@router.post("/accounts/{account_id}/codes")
def set_codes(account_id: str, request: Request, principal: Admin) -> Response:
    """A new secret for one-time codes, shown on this page only."""
    return _account_page(request, account_id, principal, codes=_accounts(request).set_codes(principal, account_id))


@router.post("/accounts/{account_id}/tokens")
def make_token(account_id: str, request: Request, principal: Admin) -> Response:
    """A further token, shown on this page only."""
    try:
        made = _accounts(request).make_token(principal, account_id)
    except Conflict as problem:
        return _account_page(request, account_id, principal, problem=problem)
    return _account_page(request, account_id, principal, token=made["token"])


@router.post("/accounts/{account_id}/tokens/{token_id}/revoke")
def revoke_token(account_id: str, token_id: str, request: Request, principal: Admin) -> Response:
    """Let a token in no more."""
    return _changed(request, account_id, principal, lambda: _accounts(request).revoke_token(principal, token_id))


def _changed(request: Request, account_id: str, principal: Principal, change: Any) -> Response:
    """Do it and show the account anew; a refusal stands on its page."""
    try:
        change()
    except (Conflict, Unprocessable) as problem:
        return _account_page(request, account_id, principal, problem=problem)
    return see_other(f"/accounts/{account_id}?note=done")


def _list_page(
    request: Request, principal: Principal, typed: dict[str, str], problem: Conflict | Unprocessable | None = None
) -> Response:
    return render_page(
        request,
        "overview/accounts.html",
        principal,
        status=200 if problem is None else problem.status,
        rows=_accounts(request).accounts(),
        typed={"name": "", "role": "", "unit": "", **typed},
        problem=problem,
        roles=ROLE_WORDS,
        shortest=SHORTEST_PASSWORD,
    )


def _account_page(
    request: Request,
    account_id: str,
    principal: Principal,
    *,
    problem: Conflict | Unprocessable | None = None,
    token: str | None = None,
    codes: dict[str, Any] | None = None,
) -> Response:
    return render_page(
        request,
        "overview/account.html",
        principal,
        status=200 if problem is None else problem.status,
        account=_accounts(request).account(account_id),
        tokens=_accounts(request).tokens(account_id),
        problem=problem,
        token=token,
        codes=codes,
        is_done=request.query_params.get("note") == "done" and problem is None,
        is_own=account_id == principal.account_id,
        roles=ROLE_WORDS,
        shortest=SHORTEST_PASSWORD,
    )
