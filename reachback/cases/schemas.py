"""What the routes of cases take, and what the OpenAPI document says they give."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from reachback.cases.models import CaseState, Lane
from reachback.cases.repository import Cursor
from reachback.clock import as_utc_text
from reachback.plain_text import PlainText
from reachback.problems import Unprocessable

__all__ = [
    "CaseJson",
    "CasePage",
    "ClaimJson",
    "HandedBackJson",
    "LeaseJson",
    "LeaseToken",
    "Withdrawal",
    "cursor_of",
    "query_of_next_page",
]

_LONGEST_REASON = 4000
_LONGEST_TOKEN = 200


class LeaseToken(BaseModel):
    """Under which lease a case is held."""

    model_config = ConfigDict(extra="forbid")

    lease_token: PlainText = Field(max_length=_LONGEST_TOKEN)


class Withdrawal(BaseModel):
    """Why a case ends early."""

    model_config = ConfigDict(extra="forbid")

    reason: PlainText = Field(default="", max_length=_LONGEST_REASON)


class CaseJson(BaseModel):
    """A case in the words of the contract; ``due_at`` is ``opened_at`` + 3600 s exactly."""

    case_id: str
    scan_ids: list[str]
    unit: str
    exhibit: str | None
    state: CaseState
    lane: Lane
    opened_at: str
    due_at: str
    opened_because: str | None = Field(description="null for a chemist who has not read the case yet")
    outcome: str | None = Field(description="null for officers until release, and for readers who read blind")
    holder: str | None = Field(description="name of the account that holds the lease")
    released_at: str | None
    preliminary_at: str | None
    waiting_since: str | None


class CasePage(BaseModel):
    """Cases, earliest due first."""

    items: list[CaseJson]
    next: str | None = Field(description="query of the next page, null on the last one")


class LeaseJson(BaseModel):
    """A claim: the token is shown once and counts only for the account it was given to."""

    token: str
    epoch: int
    expires_at: str


class ClaimJson(BaseModel):
    """A case that is held now."""

    case: CaseJson
    lease: LeaseJson


class HandedBackJson(BaseModel):
    """A case that nobody holds any more."""

    case: CaseJson
    lease: None = None


def query_of_next_page(states: list[CaseState], limit: int, cursor: Cursor | None) -> str | None:
    """The query string that gives the page behind this one."""
    if cursor is None:
        return None
    after = f"{as_utc_text(cursor.due_at)}~{cursor.case_id}"
    return urlencode([*(("state", str(state)) for state in states), ("limit", str(limit)), ("after", after)])


def cursor_of(after: str | None) -> Cursor | None:
    """The place that ``after`` names, as an earlier page gave it."""
    if after is None:
        return None
    due_at, _, case_id = after.partition("~")
    try:
        moment = datetime.fromisoformat(due_at)
    except ValueError as error:
        raise Unprocessable("after: use the query that the page before gave as 'next'") from error
    if moment.tzinfo is None or not case_id.isprintable():
        raise Unprocessable("after: use the query that the page before gave as 'next'")
    return Cursor(moment, case_id)
