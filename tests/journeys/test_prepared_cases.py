"""The prepared cases are twenty, the same for the same seed, and their files give nothing away."""

from __future__ import annotations

from device_adapters.reading import read
from tests.journeys.prepared_cases import prepare_cases


def test_twenty_cases_whose_files_give_nothing_away() -> None:
    cases = prepare_cases(3)
    assert len(cases) == 20
    assert [case.truth for case in cases] != [case.truth for case in prepare_cases(4)]
    assert [case.scans for case in cases] == [case.scans for case in prepare_cases(3)]
    kinds = {case.truth["kind"].split()[0] for case in cases}
    assert kinds == {
        "match",
        "mixture",
        "trace",
        "look-alike",
        "noise",
        "analogue",
        "partly",
        "mostly",
        "clean",
        "FTIR",
    }
    for case in cases:
        for scan in case.scans:
            (recording,) = read(scan, "scan.jdx")
            assert recording.title == "sample"
            assert not any(name.encode() in scan for name in case.truth["named"])
