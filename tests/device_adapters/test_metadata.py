from __future__ import annotations

import ast
from pathlib import Path

import pytest

import device_adapters
from device_adapters import read
from device_adapters.metadata import GROUPS, KEYS, Kind, unfit_entries
from tests.device_adapters.jcamp_encoding import encode_lines, jcamp
from tests.device_adapters.made_files import MADE, MIXTURE, NOT_POSITIVE, rmx

SOURCES = sorted(Path(device_adapters.__file__).parent.rglob("*.py"))


def test_a_key_stands_in_one_group_only() -> None:
    assert sum(len(group) for group in GROUPS.values()) == len(KEYS)


@pytest.mark.parametrize("name", sorted(MADE))
def test_every_format_uses_only_words_of_the_model(name: str) -> None:
    recordings = read(MADE[name], "Cocaine 785nm.csv")
    assert recordings[0].format == name
    for recording in recordings:
        assert unfit_entries(recording.metadata) == []
        assert "Cocaine" not in str(dict(recording.metadata))


@pytest.mark.parametrize("result", [NOT_POSITIVE, MIXTURE])
def test_results_of_a_device_fit_the_model(result: tuple[str, ...]) -> None:
    assert unfit_entries(read(rmx(result), "a.txt")[0].metadata) == []


def test_jcamp_dx_and_tables_use_only_words_of_the_model() -> None:
    labels = ["##$LASER=785", "##RESOLUTION=4", "##CAS REGISTRY NO=50-36-2", "##OPERATOR=A", "##$MODE=SERS"]
    for data in (
        jcamp(encode_lines(list(range(60)), "AFFN"), 60, extra=labels),
        b"Laser,785 nm\nExposure_ms,20\nLaserPower_mW,5\n" + b"".join(b"%d,1\n" % i for i in range(40)),
    ):
        metadata = read(data, "a")[0].metadata
        assert metadata
        assert unfit_entries(metadata) == []


def test_real_files_use_only_words_of_the_model(shared_data: Path) -> None:
    n_read = 0
    for folder in ("handheld", "ascii", "bwtek", "dpt", "horiba", "witec"):
        for path in sorted((shared_data / "device_files" / folder).iterdir()):
            try:
                recordings = read(path.read_bytes(), path.name)
            except device_adapters.AdapterError:
                continue
            n_read += 1
            assert [unfit_entries(recording.metadata) for recording in recordings] == [[]] * len(recordings)
    assert n_read > 40


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"laser": 785.0}, "laser is no key of the metadata model"),
        ({"laser_nm": "785"}, "laser_nm is no number: '785'"),
        ({"serial": ""}, "serial is no text: ''"),
        ({"is_saturated": 1}, "is_saturated is no flag: 1"),
        ({"device_hits": [{"name": "x"}]}, "device_hits is no list of {id, name, value}"),
        ({"device_result": "x"}, "device_result stands without not_composition"),
        ({"time_offset": "+02:00"}, "time_offset and its source belong together"),
    ],
)
def test_what_does_not_fit_is_named(metadata: dict[str, object], sentence: str) -> None:
    (unfit,) = unfit_entries(metadata)
    assert sentence in unfit


def test_no_format_builds_a_key_of_its_own() -> None:
    """Keywords of ``present`` in our own sources are words of the model too, whether a file has them or not."""
    foreign = [
        f"{path.name}: {keyword.arg}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "present"
        for keyword in node.keywords
        if keyword.arg is not None and keyword.arg not in KEYS
    ]
    assert foreign == []
    assert Kind.TEXT in KEYS.values()
