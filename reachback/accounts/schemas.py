"""What the routes of accounts take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from reachback.accounts.models import Role

__all__ = [
    "AccountList",
    "AccountOut",
    "CodesOut",
    "NewAccount",
    "NewPassword",
    "NewToken",
    "PrincipalOut",
    "SignInForm",
    "TokenList",
    "TokenOut",
    "TokenShown",
]

Text = Annotated[str, Field(min_length=1, max_length=200)]
Secret = Annotated[str, Field(min_length=1, max_length=1000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SignInForm(_Body):
    """Name, password and – where the account has them – the one-time code."""

    name: Text
    password: Secret
    code: Annotated[str, Field(max_length=20)] | None = None


class PrincipalOut(BaseModel):
    """Who is signed in."""

    account_id: str
    name: str
    role: Role
    unit: str


class NewAccount(_Body):
    """An account to be made."""

    name: Text
    role: Annotated[Role, Field(strict=False)]
    unit: Text | None = None
    password: Secret | None = None


class NewPassword(_Body):
    """A password to be set."""

    password: Secret


class AccountOut(BaseModel):
    """An account without its secrets."""

    account_id: str
    name: str
    role: Role
    unit: str
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool
    has_codes: bool


class AccountList(BaseModel):
    """Accounts by name."""

    items: list[AccountOut]


class CodesOut(BaseModel):
    """The secret of one-time codes, shown once."""

    account_id: str
    secret: str
    provisioning_uri: str


class NewToken(_Body):
    """Whose token is to be made."""

    account_id: Text


class TokenOut(BaseModel):
    """A token without its secret."""

    token_id: str
    account_id: str
    created_at: datetime
    revoked_at: datetime | None


class TokenShown(TokenOut):
    """A token at the only time that it is shown."""

    token: str


class TokenList(BaseModel):
    """Tokens by when they were made."""

    items: list[TokenOut]
