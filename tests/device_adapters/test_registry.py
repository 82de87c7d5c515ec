from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from device_adapters import Recording, read, registry
from device_adapters.added_format import AddedFormat
from device_adapters.format import Format, Recognition


class Quiet:
    """A format of another package, for files that begin with ``QUIET``."""

    name = "quiet"

    def recognises(self, head: bytes, name: str) -> Recognition:
        return Recognition.CERTAIN if head.startswith(b"QUIET") else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        return [Recording(self.name, 0, [1.0, 2.0], [3.0, 4.0], "cm-1", "counts")]  # type: ignore[arg-type]


FORMAT = Quiet()
NO_FORMAT = object()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    group = registry.ENTRY_POINT_GROUP
    points = [
        EntryPoint("quiet", f"{__name__}:FORMAT", group),
        EntryPoint("gone", "no_such_package_at_all:FORMAT", group),
        EntryPoint("wrong", f"{__name__}:NO_FORMAT", group),
    ]
    monkeypatch.setattr("device_adapters.entry_points.entry_points", lambda group: points)
    monkeypatch.setitem(__import__("sys").modules, __name__, __import__("sys").modules.get(__name__) or _this_module())
    registry.all_formats.cache_clear()
    yield
    registry.all_formats.cache_clear()


def _this_module() -> object:
    import types

    module = types.ModuleType(__name__)
    module.__dict__.update(FORMAT=FORMAT, NO_FORMAT=NO_FORMAT)
    return module


def test_our_formats_fulfil_the_protocol() -> None:
    names = [known.name for known in registry.BUILT_IN]
    assert len(set(names)) == len(names)
    assert names[-1] == "text-table"  # it takes any table of numbers, so all others are asked before
    assert all(isinstance(known, Format) for known in registry.BUILT_IN)


def test_installed_formats_are_added_and_broken_ones_passed_over(installed: None) -> None:
    ours = [known.name for known in registry.BUILT_IN]
    assert [known.name for known in registry.all_formats()] == [*ours, "quiet"]
    assert isinstance(registry.all_formats()[-1], AddedFormat)
    (recording,) = read(b"QUIET\x01", "a.q")
    assert recording.format == "quiet"
    assert recording.sha256
