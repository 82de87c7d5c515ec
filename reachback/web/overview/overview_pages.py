"""The desk in figures: volumes and answer times, who differed from whom, what the library lacks; each table as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.accounts.routes_rights import allow
from reachback.insight.disagreement import PairKey
from reachback.insight.figures import DeskFigures, Disagreement
from reachback.insight.period import Period
from reachback.insight.routes import insight_of
from reachback.problems import NotFound, Unprocessable
from reachback.web.chemist.desk_words import LANE_WORDS
from reachback.web.overview.charts import ColumnChart, ShareChart, column_chart, share_chart
from reachback.web.overview.figure_words import minutes, percent, share_words
from reachback.web.overview.tables import TABLES, as_csv
from reachback.web.rendering import render_page

__all__ = ["OVERSEERS", "PAIR_WORDS", "router"]

router = APIRouter(include_in_schema=False, default_response_class=Response)
OVERSEERS = (Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN)
Overseer = Annotated[Principal, Depends(allow(*OVERSEERS))]
Word = Annotated[str, Query(max_length=64)]
_CASES_SHOWN = 25


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


# Pair → its words, and who says what stands in the two columns.
PAIR_WORDS: Mapping[PairKey, tuple[str, str, str]] = MappingProxyType(
    {
        PairKey.MACHINE_FIRST: (_("Machine and first reader"), _("Machine"), _("First reader")),
        PairKey.MACHINE_SECOND: (_("Machine and second reader"), _("Machine"), _("Second reader")),
        PairKey.MACHINE_LABORATORY: (_("Machine and laboratory"), _("Machine"), _("Laboratory")),
        PairKey.FIRST_SECOND: (_("First and second reader"), _("First reader"), _("Second reader")),
        PairKey.FIRST_LABORATORY: (_("First reader and laboratory"), _("First reader"), _("Laboratory")),
        PairKey.SECOND_LABORATORY: (_("Second reader and laboratory"), _("Second reader"), _("Laboratory")),
        PairKey.ANSWER_LABORATORY: (_("Released answer and laboratory"), _("Answer"), _("Laboratory")),
    }
)


class _Asked:
    """What the form at the head of the page asks for; where it cannot be, the page says why and keeps the form."""

    def __init__(self, request: Request, first: str, last: str, zone: str) -> None:
        self._request = request
        self._typed = {"from": first, "to": last, "zone": zone}
        self.period: Period | None = None
        self.problem: Unprocessable | None = None
        try:
            now = request.app.state.services.clock.now()
            self.period = Period.asked(_day("from", first), _day("to", last), zone or "UTC", now)
        except Unprocessable as problem:
            self.problem = problem
        else:
            shown = self.period
            self._typed = {"from": str(shown.first), "to": str(shown.last), "zone": shown.zone}

    def page(self, principal: Principal, template: str, status: int = 200, **context: Any) -> Response:
        return render_page(
            self._request,
            template,
            principal,
            status=status,
            typed=self._typed,
            query=urlencode(self._typed),
            problem=self.problem,
            minutes=minutes,
            percent=percent,
            share_words=share_words,
            **context,
        )

    def refused(self, principal: Principal, template: str) -> Response:
        return self.page(principal, template, Unprocessable.status)


def _day(name: str, typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Unprocessable(f"{name}: {typed} is no day; write it as in 2026-03-31") from None


def _asked(
    request: Request,
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    zone: Word = "UTC",
) -> _Asked:
    return _Asked(request, first, last, zone)


Asked = Annotated[_Asked, Depends(_asked)]


@router.get("/overview")
def overview(request: Request, principal: Overseer, asked: Asked) -> Response:
    """Volumes, answer times, refusals, messages."""
    if asked.period is None:
        return asked.refused(principal, "overview/overview.html")
    insight = insight_of(request)
    figures = insight.desk(asked.period)
    return asked.page(
        principal,
        "overview/overview.html",
        figures=figures,
        refusals=insight.refusals(asked.period),
        deliveries=insight.deliveries(asked.period),
        day_chart=_day_chart(figures),
        hour_chart=_hour_chart(figures),
        lanes=LANE_WORDS,
    )


@router.get("/overview/disagreement")
def disagreement(request: Request, principal: Overseer, asked: Asked) -> Response:
    """Machine, readers and laboratories, two by two."""
    if asked.period is None:
        return asked.refused(principal, "overview/disagreement.html")
    found = insight_of(request).disagreement(asked.period, _CASES_SHOWN)
    return asked.page(
        principal,
        "overview/disagreement.html",
        found=found,
        chart=_pair_chart(found),
        pair_words=PAIR_WORDS,
        shown=_CASES_SHOWN,
    )


@router.get("/overview/coverage")
def coverage(request: Request, principal: Overseer, asked: Asked) -> Response:
    """What the library in use holds of the watch list, and what laboratories found that it does not."""
    if asked.period is None:
        return asked.refused(principal, "overview/coverage.html")
    found = insight_of(request).coverage(asked.period)
    return asked.page(principal, "overview/coverage.html", found=found)


@router.get("/overview/{table}.csv", dependencies=[Depends(allow(*OVERSEERS))])
def download(table: str, request: Request, asked: Asked) -> Response:
    """One table as a file."""
    made = TABLES.get(table)
    if made is None:
        raise NotFound(f"there is no table {table}")
    if asked.period is None:
        raise asked.problem or Unprocessable("from, to: give days as in 2026-03-31")
    name = f"reachback-{table}-{asked.period.first}-{asked.period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    text = as_csv(made(insight_of(request), asked.period))
    return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _day_chart(figures: DeskFigures) -> ColumnChart:
    rows = figures.by_day
    return column_chart(
        [f"{each.day:%d %b}" for each in rows],
        [_parts(each.answers) for each in rows],
        [f"{each.day}: {share_words(each.answers.within_hour)}" for each in rows],
    )


def _hour_chart(figures: DeskFigures) -> ColumnChart:
    rows = figures.by_hour
    return column_chart(
        [f"{each.hour:02}" for each in rows],
        [_parts(each.answers) for each in rows],
        [f"{each.hour:02}:00: {share_words(each.answers.within_hour)}" for each in rows],
    )


def _parts(answers: Any) -> list[tuple[str, float]]:
    return [
        ("in-time", answers.within_hour.n),
        ("late", answers.n_late),
        ("rest", answers.n_running + answers.n_withdrawn),
    ]


def _pair_chart(found: Disagreement) -> ShareChart:
    return share_chart([(PAIR_WORDS[each.pair][0], each.differs) for each in found.pairs])
