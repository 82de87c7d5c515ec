"""Figures over HTTP, for those who answer for the desk and those who check it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from reachback.accounts.models import Role
from reachback.accounts.routes_rights import allow
from reachback.insight.coverage import Coverage
from reachback.insight.disagreement import PairKey
from reachback.insight.figures import Deliveries, DeskFigures, Disagreement, Refusals
from reachback.insight.period import Period
from reachback.insight.service import InsightService

__all__ = ["OVERSEERS", "AskedPeriod", "asked_period", "insight_of", "router"]

OVERSEERS = (Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN)
_MOST_CASES = 500
router = APIRouter(prefix="/insight", tags=["insight"], dependencies=[Depends(allow(*OVERSEERS))])


def insight_of(request: Request) -> InsightService:
    """The service, on this desk's database and library."""
    services = request.app.state.services
    return InsightService(services.database, services.clock, services.library)


def asked_period(
    request: Request,
    first: Annotated[date | None, Query(alias="from", description="the first day; 30 days are shown if unset")] = None,
    last: Annotated[date | None, Query(alias="to", description="the last day; today if unset")] = None,
    zone: Annotated[str, Query(max_length=64, description="in which days and hours are counted")] = "UTC",
) -> Period:
    """The period of a request."""
    return Period.asked(first, last, zone, request.app.state.services.clock.now())


Insight = Annotated[InsightService, Depends(insight_of)]
AskedPeriod = Annotated[Period, Depends(asked_period)]


@router.get("/answers")
def show_answers(insight: Insight, period: AskedPeriod) -> DeskFigures:
    """Scans and cases, and how long answers took: in all, by day, by hour of the day, by lane."""
    return insight.desk(period)


@router.get("/refusals")
def show_refusals(insight: Insight, period: AskedPeriod) -> Refusals:
    """Scans that could not be read or used, by device."""
    return insight.refusals(period)


@router.get("/disagreement")
def show_disagreement(
    insight: Insight,
    period: AskedPeriod,
    pair: Annotated[PairKey | None, Query(description="list the cases of this pair only")] = None,
    limit: Annotated[int, Query(ge=0, le=_MOST_CASES, description="cases listed of each pair")] = 50,
) -> Disagreement:
    """How often machine, readers and laboratories differed, and in which cases."""
    return insight.disagreement(period, limit, pair)


@router.get("/coverage")
def show_coverage(insight: Insight, period: AskedPeriod) -> Coverage:
    """Watched substances with and without a reference, and what laboratories found that the library does not hold."""
    return insight.coverage(period)


@router.get("/deliveries")
def show_deliveries(insight: Insight, period: AskedPeriod) -> Deliveries:
    """Messages that did not reach a channel outside."""
    return insight.deliveries(period)
