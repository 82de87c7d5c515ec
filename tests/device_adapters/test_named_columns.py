from __future__ import annotations

import numpy as np
import pytest

from device_adapters.errors import MalformedFile
from device_adapters.named_columns import read_named_table, read_pairs


def test_blank_cells_are_missing_and_blank_lines_are_passed_over() -> None:
    table = read_named_table(["a;b;", "1,5;  ;", "", "NA;-2;", ""], 0, ";")
    assert table.names == ("a", "b")
    assert np.array_equal(table.values, [[1.5, np.nan], [np.nan, -2.0]], equal_nan=True)
    assert not table.breaks_off
    assert table.column("A") is not None
    assert table.column("c") is None


def test_a_blank_last_cell_is_a_cell_where_names_have_no_end_mark() -> None:
    table = read_named_table(["a,b", "1,", ""], 0, ",")
    assert table.column("b") is None
    assert table.n_rows == 1


def test_what_follows_the_last_line_end_is_not_used() -> None:
    table = read_named_table(["a,b", "1,2", "3,4"], 0, ",")
    assert table.breaks_off
    assert table.n_rows == 1
    pairs, breaks_off = read_pairs(["1 2", "3 4"], 0, None)
    assert breaks_off
    assert pairs.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["a;b", "1,5;2", "1.5;2", ""], "line 3: decimal comma and decimal point stand in one table"),
        (["a;b", "1;2;3", ""], "line 2: 3 cells stand below 2 names"),
        (["a;b", "1;x", ""], "line 2: 'x' is no number"),
        (["a", "1", ""], "line 1: 1 columns are named"),
    ],
)
def test_broken_tables(lines: list[str], sentence: str) -> None:
    with pytest.raises(MalformedFile, match=sentence):
        read_named_table(lines, 0, ";")


def test_a_pair_with_a_gap_is_none() -> None:
    with pytest.raises(MalformedFile, match="line 1: this is no pair"):
        read_pairs(["1,", ""], 0, ",")
