from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reachback.validation.figures import figures_of, reliability_of
from reachback.validation.goals import Standing, check
from reachback.validation.proportions import Proportion
from reachback.validation.records import Named, Raised, Record
from spectra.verdict import Outcome


def record(panel: str, truth: tuple[str, ...], *named: str, outcome: Outcome = Outcome.MATCH, **others: Any) -> Record:
    plain = Record(
        panel=panel,
        disturbance="I",
        truth=truth,
        known=True,
        outcome=outcome,
        tentative=False,
        components=tuple(Named(name, (), 0.95) for name in named),
        alerts=(),
        class_hint=None,
    )
    return replace(plain, **others)


def test_pure_scans_are_right_wrong_or_refused() -> None:
    figures = figures_of(
        [
            record("pure", ("a",), "a"),
            record("pure", ("a",), "b"),
            record("pure", ("a",), "a", "b", outcome=Outcome.MIXTURE),
            record("pure", ("a",), outcome=Outcome.NO_MATCH),
            record("pure", ("c",), "a", outcome=Outcome.INCONCLUSIVE),
            record("pure", ("c",), components=(Named("d", ("c",), 0.4),)),
        ]
    )
    (naming,) = figures.naming
    assert (naming.right.hits, naming.wrong.hits, naming.refused.hits, naming.listed_wrong.hits) == (2, 2, 2, 1)
    assert figures.not_right == (("a", Proportion(1, 4)), ("c", Proportion(1, 2)))
    assert [(c.truth, c.named, c.times, c.of) for c in figures.confusions] == [("a", "b", 2, 4), ("c", "a", 1, 2)]


def test_mixtures_have_recall_precision_and_exact_sets() -> None:
    mixture = Outcome.MIXTURE
    figures = figures_of(
        [
            record("mixture", ("a", "b", "c"), "a", "b", "c", outcome=mixture),
            record("mixture", ("a", "b", "c"), "a", "b", "d", outcome=mixture),
            record("mixture", ("a", "b", "c"), "a", outcome=Outcome.INCONCLUSIVE),
            record("mixture", ("a", "b", "c"), "a", "b", "c", outcome=Outcome.INCONCLUSIVE),
        ]
    )
    (found,) = figures.mixtures
    assert (found.recall, found.precision) == (Proportion(9, 12), Proportion(9, 10))
    assert found.exact == Proportion(1, 4)


def test_traces_limits_and_clean_cuts() -> None:
    alert = (Raised("fentanyl", "fentanyl-related", False, 0.5),)
    trace: dict[str, Any] = {"target": "carfentanil", "target_share": 0.05, "family": "fentanyl-related"}
    figures = figures_of(
        [
            record("clean", ("lactose",), "lactose"),
            record("clean", ("lactose",), "lactose", alerts=alert),
            record("trace", ("lactose", "carfentanil"), "lactose", detected=True, alerts=alert, **trace),
            record("trace", ("lactose", "carfentanil"), "lactose", detected=False, alerts=alert, **trace),
            record("trace", ("lactose", "carfentanil"), "lactose", detected=False, **trace),
            record("limit", ("lactose", "carfentanil"), detected=False, target="carfentanil", target_share=0.04),
            record("limit", ("lactose", "carfentanil"), detected=True, target="carfentanil", target_share=0.06),
        ]
    )
    assert figures.clean == (("I", Proportion(1, 2)),)
    (at,) = [found for found in figures.detection if found.itself.of]
    assert (at.share, at.itself, at.family, at.any_alert) == (
        0.05,
        Proportion(1, 3),
        Proportion(2, 3),
        Proportion(2, 3),
    )
    (limits,) = figures.limits
    assert limits.by_substance == (("carfentanil", Proportion(1, 2), 0.06),)


def test_substances_outside_the_library() -> None:
    unknown: dict[str, Any] = {"known": False, "watched_truth": True, "family": "nitazene"}
    refused = Outcome.NO_MATCH
    figures = figures_of(
        [
            record("left_out", ("x",), outcome=refused, **unknown),
            record("left_out", ("x",), outcome=Outcome.CLASS, class_hint="nitazene", **unknown),
            record("left_out", ("y",), outcome=Outcome.CLASS, class_hint="stimulant", **unknown),
            record("left_out", ("z",), "a", alerts=(Raised("a", "stimulant", True, 0.9),), known=False),
            record("partly", ("x", "a"), "a", outcome=Outcome.INCONCLUSIVE, known=False),
            record("partly", ("x", "a"), "b", outcome=Outcome.MATCH, known=False),
        ]
    )
    (left_out,) = figures.left_out
    assert (left_out.substances, left_out.refused, left_out.named) == (3, Proportion(3, 4), Proportion(1, 4))
    assert (left_out.alarms, left_out.indications_unwatched) == (Proportion(1, 4), Proportion(1, 1))
    assert (left_out.family_right, left_out.family_wrong) == (Proportion(1, 3), Proportion(1, 3))
    (partly,) = figures.partly
    assert figures.reliability_beside_unknown.components == 2
    assert (partly.complete, partly.found, partly.true) == (Proportion(1, 2), Proportion(1, 2), Proportion(1, 2))


def test_reliability_compares_what_is_stated_with_what_is_right() -> None:
    components = [Named("a", (), 0.95)] * 3 + [Named("b", (), 0.95)] + [Named("b", (), 0.25), Named("a", (), 0.25)]
    reliability = reliability_of([record("pure", ("a",), components=(named,)) for named in components])
    assert [mean for mean, _ in reliability.bins] == pytest.approx([0.25, 0.95])
    assert [found for _, found in reliability.bins] == [Proportion(1, 2), Proportion(3, 4)]
    assert reliability.error == pytest.approx((4 * 0.2 + 2 * 0.25) / 6)
    assert reliability_of([]).error is None
    assert reliability_of([record("pure", ("a",), components=(Named("a", (), 1.0),))]).error == 0.0


def standings(*records: Record) -> dict[str, Standing]:
    return {verdict.goal.name: verdict.standing for verdict in check(figures_of(records))}


def test_goals_are_shown_reached_missed_or_not_judged() -> None:
    right, wrong = record("pure", ("a",), "a"), record("pure", ("a",), "b")
    few = standings(*[right] * 20)
    assert (few["pure_right"], few["recall_2"]) == (Standing.REACHED, Standing.NOT_JUDGED)
    assert few["calibration"] is Standing.NOT_DEMONSTRATED
    many = standings(*[right] * 600)
    assert many["pure_right"] is Standing.SHOWN
    assert many["calibration"] is Standing.MISSED  # 0.95 stated, all right
    one = standings(*[right] * 199, wrong)
    assert (one["pure_right"], one["pure_wrong"]) == (Standing.REACHED, Standing.MISSED)


def test_where_nothing_is_watched_no_false_alert_proves_nothing() -> None:
    clean = [record("clean", ("lactose",), "lactose")] * 500
    seen = record("trace", ("lactose", "cocaine"), "lactose", target="cocaine", target_share=0.05)
    assert standings(*clean)["clean_I"] is Standing.NOT_JUDGED
    assert standings(*clean, seen)["clean_I"] is Standing.SHOWN


def test_a_rare_alarm_is_claimed_from_many_substances_only() -> None:
    def refused(n_scans: int, n_substances: int) -> list[Record]:
        return [
            record("left_out", (f"s{number % n_substances}",), outcome=Outcome.NO_MATCH, known=False)
            for number in range(n_scans)
        ]

    assert standings(*refused(7_400, 120))["alarm"] is Standing.NOT_DEMONSTRATED
    assert standings(*refused(900, 300))["alarm"] is Standing.NOT_DEMONSTRATED
    assert standings(*refused(7_400, 300))["alarm"] is Standing.REACHED


def test_limits_may_be_too_low_and_too_high() -> None:
    seen = record("limit", ("a", "b"), detected=True, target="b", target_share=0.04)
    missed = replace(seen, detected=False)
    assert standings(*[seen] * 100)["limits"] is Standing.MISSED
    assert standings(*[seen] * 90, *[missed] * 10)["limits"] is Standing.MISSED
    assert standings(*[seen] * 95, *[missed] * 5)["limits"] is Standing.REACHED
