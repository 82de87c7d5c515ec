from __future__ import annotations

import numpy as np
import pytest

from device_adapters import MalformedFile, as_spectrum, read
from device_adapters.formats.openspecy import CSV
from tests.device_adapters.made_files import LONG_X, OPENSPECY, OPENSPECY_CSV, X, Y


def test_json() -> None:
    (recording,) = read(OPENSPECY, "a.json")
    assert np.array_equal(recording.x, X)
    assert np.array_equal(recording.y, Y)
    assert (recording.technique, recording.x_units, recording.title) == ("raman", "cm-1", "HDPE")
    assert recording.metadata["operator"] == "Somebody"
    assert as_spectrum(recording).n_points == len(X)


def test_rows_below_wavenumbers_with_words_behind_them() -> None:
    first, second = read(OPENSPECY_CSV, "a.csv")
    assert np.array_equal(first.x, LONG_X)
    assert second.y[0] == 1.0
    assert (first.technique, second.technique) == ("ftir", "raman")
    assert first.metadata["operator"] == "A, B"
    assert "they were rounded" in first.warnings[0]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(MalformedFile, match="'intensity' holds 39 numbers, 'wavenumber' 40"):
        read(OPENSPECY.replace(b"[100.0, ", b"["), "a.json")
    with pytest.raises(MalformedFile, match="line 3: 84 cells stand below 83"):
        read(OPENSPECY_CSV.replace(b",2,C", b",2,C,D"), "a.csv")
    with pytest.raises(MalformedFile, match="line 2: cell 3 is no number"):
        read(OPENSPECY_CSV.replace(b"0,1,2,", b"0,1,x,"), "a.csv")
    with pytest.raises(MalformedFile, match="0 whole rows of 80 points"):
        read(OPENSPECY_CSV.partition(b"\n")[0] + b"\n1,2", "a.csv")
    assert len(read(OPENSPECY_CSV[:-5], "a.csv")) == 1


def test_a_first_line_without_a_wavenumber_is_refused() -> None:
    with pytest.raises(MalformedFile, match="line 1 gives no wavenumbers"):
        CSV.read(b"a\n1,2\n", "a.csv")


def test_a_table_with_many_columns_is_none() -> None:
    rows = "\n".join(",".join(str((i * 7 + j * j) % 90) for j in range(100)) for i in range(40)) + "\n"
    with pytest.raises(MalformedFile, match="named as an axis"):
        read(rows.encode(), "a.csv")
