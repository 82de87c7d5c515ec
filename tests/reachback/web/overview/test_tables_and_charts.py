"""Tables that a spreadsheet may open, and charts whose geometry says what the figures say."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reachback.insight.answer_times import Quantile
from reachback.insight.shares import Share
from reachback.web.overview.charts import column_chart, nice_step, share_chart
from reachback.web.overview.figure_words import minutes, percent, share_words
from reachback.web.overview.tables import CsvTable, as_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "  =cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(as_csv(CsvTable(("serial",), [(text,)]))))
    assert row == [f"'{text}"]


def test_figures_and_words_stay_as_they_are() -> None:
    table = CsvTable(("a", "b", "c", "d"), [(-1.5, None, 'say "ä", x', "line\nend")])
    assert list(csv.reader(io.StringIO(as_csv(table), newline="")))[1] == ["-1.5", "", 'say "ä", x', "line\nend"]


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=400))
def test_columns_are_as_high_as_their_figures(values: list[int]) -> None:
    chart = column_chart([str(v) for v in values], [[("in-time", v)] for v in values], ["" for _ in values])
    (floor, _), *_, (top, words) = chart.ticks
    unit = (floor - top) / float(words.replace(",", ""))
    for value, column in zip(values, chart.columns, strict=True):
        height = sum(part.height for part in column.parts)
        assert height == pytest.approx(value * unit, abs=0.02)
        assert floor - height >= top - 0.02
        assert chart.left <= column.x <= column.x + column.width <= chart.width
    assert 2 <= len(chart.ticks) <= 5
    assert 1 <= sum(bool(column.label) for column in chart.columns) <= 13


def test_parts_stand_on_each_other() -> None:
    (column,) = column_chart(["a"], [[("in-time", 3), ("late", 0), ("rest", 1)]], ["a"]).columns
    lower, upper = column.parts
    assert (lower.kind, upper.kind) == ("in-time", "rest")
    assert upper.y + upper.height == pytest.approx(lower.y, abs=0.02)


@pytest.mark.parametrize(("largest", "step"), [(0, 1), (4, 1), (5, 2), (25, 10), (40, 10), (41, 20), (900, 500)])
def test_steps_are_round(largest: float, step: float) -> None:
    assert nice_step(largest) == step


def test_shares_lie_within_their_intervals_and_none_is_said_so() -> None:
    chart = share_chart([("one", Share.counted(3, 12)), ("none", Share.counted(0, 0))])
    one, none = chart.bars
    assert chart.left < one.low < one.x < one.high
    assert (one.words, one.is_empty, none.is_empty) == ("3 of 12", False, True)


def test_words() -> None:
    assert minutes(Quantile(None, False)) == "–"
    assert minutes(Quantile(90.0, False)) == "1.5 min"
    assert minutes(Quantile(3 * 3600.0, True)) == "≥ 3.0 h"
    assert minutes(Quantile(3 * 86400.0, False)) == "3.0 d"
    assert (percent(0.0), percent(0.0042), percent(None)) == ("0.0 %", "0.42 %", "–")
    assert share_words(Share.counted(3, 12)) == "3 of 12 = 25.0 % (8.9 % to 53.2 %)"
    assert share_words(Share.counted(0, 0)) == "0 of 0"
