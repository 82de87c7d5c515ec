"""Signing in and out, and what administrators do with accounts and tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow, check_same_origin, public
from reachback.accounts.schemas import (
    AccountList,
    AccountOut,
    CodesOut,
    NewAccount,
    NewPassword,
    NewToken,
    PrincipalOut,
    SignInForm,
    TokenList,
    TokenOut,
    TokenShown,
)
from reachback.accounts.service import AccountService
from reachback.accounts.session_cookie import end_session, keep_session

__all__ = ["router"]

router = APIRouter(tags=["accounts"])
SignedIn = Annotated[Principal, Depends(allow(*Role))]
Admin = Annotated[Principal, Depends(allow(Role.ADMIN))]
FOR_ADMINS = [Depends(allow(Role.ADMIN))]


def _accounts(request: Request) -> AccountService:
    service: AccountService = request.app.state.services.accounts
    return service


Accounts = Annotated[AccountService, Depends(_accounts)]


@router.post("/session", dependencies=[Depends(public)])
def sign_in(form: SignInForm, request: Request, response: Response, accounts: Accounts) -> PrincipalOut:
    """Open a session; its secret goes into a cookie that scripts cannot read and other sites cannot send."""
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        check_same_origin(request)  # a browser: no other site may sign its user in
    address = request.client.host if request.client else "unknown"
    opened = accounts.sign_in(form.name, form.password, form.code, address)
    keep_session(request, response, opened.secret)
    return _shown(opened.principal)


@router.get("/session")
def who_is_signed_in(principal: SignedIn) -> PrincipalOut:
    """Whose token or session this is."""
    return _shown(principal)


@router.delete("/session", status_code=204, dependencies=[Depends(allow(*Role))])
def sign_out(request: Request, response: Response) -> None:
    """End the session of the cookie."""
    end_session(request, response)


@router.get("/accounts", dependencies=FOR_ADMINS)
def list_accounts(accounts: Accounts) -> AccountList:
    """Every account by name."""
    return AccountList(items=[AccountOut(**each) for each in accounts.accounts()])


@router.post("/accounts", status_code=201)
def create_account(body: NewAccount, principal: Admin, accounts: Accounts) -> AccountOut:
    """A new account; without a unit it is one of its own."""
    made = accounts.create(principal, name=body.name, role=body.role, unit=body.unit, password=body.password)
    return AccountOut(**made)


@router.get("/accounts/{account_id}", dependencies=FOR_ADMINS)
def show_account(account_id: str, accounts: Accounts) -> AccountOut:
    """One account."""
    return AccountOut(**accounts.account(account_id))


@router.post("/accounts/{account_id}/disable")
def disable_account(account_id: str, principal: Admin, accounts: Accounts) -> AccountOut:
    """Let an account in no more, by token or by session."""
    return AccountOut(**accounts.set_disabled(principal, account_id, True))


@router.post("/accounts/{account_id}/enable")
def enable_account(account_id: str, principal: Admin, accounts: Accounts) -> AccountOut:
    """Let an account in again."""
    return AccountOut(**accounts.set_disabled(principal, account_id, False))


@router.post("/accounts/{account_id}/password")
def set_password(account_id: str, body: NewPassword, principal: Admin, accounts: Accounts) -> AccountOut:
    """Set a password; sessions that are open end."""
    return AccountOut(**accounts.set_password(principal, account_id, body.password))


@router.post("/accounts/{account_id}/codes")
def set_codes(account_id: str, principal: Admin, accounts: Accounts) -> CodesOut:
    """Ask this account for one-time codes (RFC 6238) from now on; the secret is shown this once."""
    return CodesOut(**accounts.set_codes(principal, account_id))


@router.get("/tokens", dependencies=FOR_ADMINS)
def list_tokens(accounts: Accounts, account_id: Annotated[str | None, Query(max_length=200)] = None) -> TokenList:
    """Tokens of one account or of all, without their secrets."""
    return TokenList(items=[TokenOut(**each) for each in accounts.tokens(account_id)])


@router.post("/tokens", status_code=201)
def make_token(body: NewToken, principal: Admin, accounts: Accounts) -> TokenShown:
    """A further token; the only time that it is shown."""
    return TokenShown(**accounts.make_token(principal, body.account_id))


@router.post("/tokens/{token_id}/revoke")
def revoke_token(token_id: str, principal: Admin, accounts: Accounts) -> TokenOut:
    """Let a token in no more."""
    return TokenOut(**accounts.revoke_token(principal, token_id))


def _shown(principal: Principal) -> PrincipalOut:
    return PrincipalOut(account_id=principal.account_id, name=principal.name, role=principal.role, unit=principal.unit)
