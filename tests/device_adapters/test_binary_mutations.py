"""Damaged files of the binary formats: recordings or one sentence, soon, within the memory a file may ask for."""

from __future__ import annotations

import importlib.util
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.device_adapters.made_binary_files import MADE

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "mutate_device_files.py"
N_MUTATIONS = 300  # of all formats together; the script makes 10,000 of the real files


@pytest.fixture(scope="module")
def mutations() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("mutate_device_files", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    tracemalloc.start()
    yield module
    tracemalloc.stop()
    del sys.modules[spec.name]


def test_damaged_files(mutations: ModuleType) -> None:
    result = mutations.run(MADE, N_MUTATIONS, seed=1)
    assert result.faults == []
    assert sum(result.outcomes.values()) == N_MUTATIONS
    outcomes = {what for _, what in result.outcomes}
    assert {"read", "refused"} <= outcomes


@pytest.mark.parametrize("name", sorted(MADE))
def test_truncated_files(mutations: ModuleType, name: str) -> None:
    data = MADE[name]
    step = 1 if len(data) < 600 else 3
    for end in range(1, len(data), step):
        _, outcome = mutations.try_file(data[:end], name)
        assert outcome in ("read", "refused"), end


@pytest.mark.parametrize("name", sorted(MADE))
def test_every_byte_of_the_head_at_its_extremes(mutations: ModuleType, name: str) -> None:
    data = MADE[name]
    for at in range(0, min(len(data), 420), 3):
        for value in (0x00, 0xFF):
            changed = data[:at] + bytes([value]) + data[at + 1 :]
            _, outcome = mutations.try_file(changed, name)
            assert outcome in ("read", "refused", "killed"), (at, value)


def test_a_fault_is_found(mutations: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    from device_adapters.formats.spc import Spc

    def fail(self: Spc, data: bytes, name: str) -> None:
        raise IndexError("of a reader")

    monkeypatch.setattr(Spc, "read", fail)
    result = mutations.run({"a.spc": MADE["floats.spc"]}, 5, seed=1)
    assert any("IndexError: of a reader" in fault for fault in result.faults)
