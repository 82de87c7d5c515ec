from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from library import compile_chunks
from library.calibrate_on_cores import calibrate_on_all_cores
from library.compile_chunks import compile_on_all_cores
from spectra.calibration import Calibration
from spectra.reference import ReferenceSet
from spectra.spectrum import Technique
from spectra.tuning import calibrate
from tests.spectra.made_spectra import reference

DAY = "2026-03-01"


@pytest.fixture(scope="module")
def five() -> ReferenceSet:
    return compile_on_all_cores([reference(number, Technique.RAMAN) for number in range(5)], lambda done: None)


@pytest.fixture(scope="module")
def in_one_process(five: ReferenceSet) -> Calibration:
    return calibrate(five, DAY)


def test_the_calibration_is_the_same_on_any_number_of_cores(
    five: ReferenceSet, in_one_process: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile_chunks, "FEWEST", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    told: list[tuple[int, int]] = []
    found = calibrate_on_all_cores(five, DAY, lambda done, of: told.append((done, of)))
    assert found.digest == in_one_process.digest
    assert told == [(done, 60) for done in range(1, 61)]
    assert not list(Path(tempfile.gettempdir()).glob("reachback-calibrating-*"))


def test_without_room_for_the_matrices_it_is_done_in_one_process(
    five: ReferenceSet, in_one_process: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compile_chunks, "FEWEST", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("library.calibrate_on_cores._lend", full)
    assert calibrate_on_all_cores(five, DAY) == in_one_process


def test_the_matrices_are_the_same_on_any_number_of_cores(five: ReferenceSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_chunks, "FEWEST", 1)
    monkeypatch.setattr(compile_chunks, "CHUNK", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    found = compile_on_all_cores([reference(number, Technique.RAMAN) for number in range(5)], lambda done: None)
    for what in ("curves", "features", "coverage"):
        assert getattr(found, what).tobytes() == getattr(five, what).tobytes(), what
