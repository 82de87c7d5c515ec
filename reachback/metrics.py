"""Figures for Prometheus, computed from the database at each question: right after a restart, and on any machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import TIMESTAMP, Float, Text, case, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from reachback.audit.models import AuditHead
from reachback.cases.models import Case, CaseLease, CaseState, Lane
from reachback.intake.models import Scan
from reachback.notify.models import Delivery

__all__ = ["ANSWER_BUCKETS", "metrics_text"]

# Seconds from opening to release: what matters lies around the half hour, the 45 minutes and the hour.
ANSWER_BUCKETS = (300, 600, 900, 1800, 2700, 3600, 5400, 7200, 14400, 86400)
_OPEN = frozenset(CaseState) - {
    *(CaseState.RELEASED, CaseState.LAB_CONFIRMED, CaseState.LAB_REFUTED, CaseState.WITHDRAWN),
}


def metrics_text(session: Session, now: datetime) -> bytes:
    """All figures in the text form of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Figures(session, now))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._now = session, now

    def collect(self) -> Iterable[Metric]:
        yield from _cases(self._session, self._now)
        yield _answer_times(self._session)
        yield _scans(self._session)
        yield from _claims(self._session, self._now)
        yield _deliveries(self._session)
        yield _audit(self._session)


def _cases(session: Session, now: datetime) -> Iterator[Metric]:
    by_state = GaugeMetricFamily("reachback_cases", "cases by state and lane", labels=["state", "lane"])
    for state, lane, count in session.execute(
        select(Case.state, Case.lane, func.count()).group_by(Case.state, Case.lane)
    ):
        by_state.add_metric([state, lane], count)
    yield by_state
    late = select(func.count()).where(Case.state.in_(sorted(_OPEN)), Case.due_at < now, Case.lane != Lane.RETROSPECTIVE)
    yield GaugeMetricFamily(
        "reachback_cases_past_due", "open cases whose answer is overdue", value=session.execute(late).scalar_one()
    )


def _answer_times(session: Session) -> Metric:
    seconds = _seconds_between(session, Case.opened_at, Case.released_at)
    counts = [func.sum(case((seconds <= limit, 1), else_=0)) for limit in ANSWER_BUCKETS]
    *below, total, summed = session.execute(
        select(*counts, func.count(), func.sum(seconds)).where(
            Case.released_at.is_not(None), Case.lane != Lane.RETROSPECTIVE
        )
    ).one()
    buckets = [(str(float(limit)), count or 0) for limit, count in zip(ANSWER_BUCKETS, below, strict=True)]
    figures = HistogramMetricFamily("reachback_answer_seconds", "from opening a case to the answer")
    figures.add_metric([], [*buckets, ("+Inf", total)], float(summed or 0.0))
    return figures


def _seconds_between(session: Session, first: Any, last: Any) -> Any:
    start, end = type_coerce(first, Text), type_coerce(last, Text)
    if session.get_bind().dialect.name == "sqlite":
        return (func.julianday(end) - func.julianday(start)) * 86400.0
    since = func.extract("epoch", cast(end, TIMESTAMP(timezone=True)) - cast(start, TIMESTAMP(timezone=True)))
    return cast(since, Float)


def _scans(session: Session) -> Metric:
    outcome = func.coalesce(Scan.outcome, Scan.state)
    counted = CounterMetricFamily("reachback_scans", "scans received, by outcome", labels=["outcome"])
    for value, count in session.execute(select(outcome, func.count()).group_by(outcome)):
        counted.add_metric([str(value)], count)
    return counted


def _claims(session: Session, now: datetime) -> Iterator[Metric]:
    held = select(func.count()).where(CaseLease.account_id.is_not(None), CaseLease.expires_at > now)
    yield GaugeMetricFamily(
        "reachback_claims_held", "cases that a reader holds now", value=session.execute(held).scalar_one()
    )
    ever = select(func.coalesce(func.sum(CaseLease.epoch), 0))
    yield CounterMetricFamily("reachback_claims", "claims there have been", value=session.execute(ever).scalar_one())


def _deliveries(session: Session) -> Metric:
    figures = GaugeMetricFamily("reachback_deliveries", "messages by what became of them", labels=["state"])
    for state, count in session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)):
        figures.add_metric([state], count)
    return figures


def _audit(session: Session) -> Metric:
    size = session.execute(select(AuditHead.size)).scalar_one()
    return CounterMetricFamily("reachback_audit_entries", "entries of the audit log", value=size)
