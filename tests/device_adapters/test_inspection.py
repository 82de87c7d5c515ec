from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import device_adapters
from device_adapters import inspect_file, inspect_path
from tests.device_adapters.jcamp_encoding import encode_lines, jcamp

CONTRACT_FILE = {"file", "format", "error", "warnings", "spectra"}
CONTRACT_SPECTRUM = {"technique", "n_points", "x_min", "x_max", "x_units", "y_units", "y_min", "y_max", "metadata"}


def strict(value: dict[str, Any]) -> dict[str, Any]:
    """Through JSON that takes neither NaN nor Infinity."""
    found: dict[str, Any] = json.loads(json.dumps(value, allow_nan=False))
    return found


def test_a_file_is_described_as_written() -> None:
    data = jcamp(encode_lines(list(range(10, 60)), "DIF"), 50, extra=["##$LASER=785"])
    described = strict(inspect_file(data, "folder/a.jdx"))
    assert set(described) >= CONTRACT_FILE
    assert (described["file"], described["format"], described["error"]) == ("folder/a.jdx", "jcamp-dx", None)
    (spectrum,) = described["spectra"]
    assert set(spectrum) >= CONTRACT_SPECTRUM
    assert spectrum["technique"] == "raman"
    assert spectrum["n_points"] == 50
    assert (spectrum["x_min"], spectrum["x_max"], spectrum["x_units"]) == (400.0, 449.0, "cm-1")
    assert (spectrum["y_min"], spectrum["y_max"]) == (10.0, 59.0)
    assert spectrum["metadata"]["laser_nm"] == 785.0


def test_a_truncated_file_is_described_with_a_warning() -> None:
    data = jcamp(encode_lines(list(range(60)), "AFFN"), 1661, last_x=2060.0)
    described = strict(inspect_file(data, "a.jdx"))
    assert described["error"] is None
    assert described["warnings"] == ["1,661 points declared, 60 found"]


def test_values_that_json_does_not_know_are_null() -> None:
    described = strict(inspect_file(b"1,NaN\n2,NaN\n3,NaN\n4,NaN\n", "a.csv"))
    assert described["spectra"][0]["y_min"] is None
    described = strict(inspect_file(b"1,5\n2,inf\n3,NaN\n4,7\n", "a.csv"))
    assert (described["spectra"][0]["y_min"], described["spectra"][0]["y_max"]) == (5.0, None)


def test_warnings_of_several_spectra_name_theirs() -> None:
    whole = jcamp(encode_lines(list(range(60)), "AFFN"), 60)
    short = jcamp(encode_lines(list(range(60)), "AFFN"), 61, last_x=460.0)
    assert inspect_file(whole + short, "a.jdx")["warnings"] == ["spectrum 1: 61 points declared, 60 found"]


def test_what_cannot_be_read_has_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.jdx").touch()
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    for path, reason in [
        (tmp_path / "empty.jdx", "empty"),
        (tmp_path / "a.pdf", "PDF"),
        (tmp_path / "none.jdx", "no such file"),
        (tmp_path, "folder"),
    ]:
        described = strict(inspect_path(path))
        assert described["file"] == str(path)
        assert reason in described["error"]
        assert described["spectra"] == []
        assert described["format"] is None


def test_the_public_names_are_sorted_and_there() -> None:
    names = device_adapters.__all__
    assert names == sorted(names)
    assert all(hasattr(device_adapters, name) for name in names)
