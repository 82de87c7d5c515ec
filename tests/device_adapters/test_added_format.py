"""Formats of other packages are held to the contract: in a cage, or by the reading itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from device_adapters import AdapterError, MalformedFile, read, registry
from device_adapters.added_format import AddedFormat
from device_adapters.format import Format
from tests.device_adapters.hostile_readers import TRUSTED, Hostile

MODULE = Hostile.__module__


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    group = registry.ENTRY_POINT_GROUP
    points = [EntryPoint(name.lower(), f"{MODULE}:{name}", group) for name in ("FORMAT", "TRUSTED")]
    monkeypatch.setattr("device_adapters.entry_points.entry_points", lambda group: points)
    registry.all_formats.cache_clear()
    yield
    registry.all_formats.cache_clear()


def test_it_is_found_and_wrapped() -> None:
    added = [known for known in registry.all_formats() if isinstance(known, AddedFormat)]
    assert [known.name for known in added] == ["hostile", "trusted"]
    assert all(isinstance(known, Format) for known in added)


def test_it_reads_in_another_process() -> None:
    title = read(b"HOSTILE pid", "a")[0].title
    assert title is not None
    assert int(title) != os.getpid()
    assert read(b"HOSTILE well", "name")[0].title == "name"


@pytest.mark.skipif(os.name == "nt", reason="the reader sends signals")
@pytest.mark.parametrize("deed", [b"die", b"segfault", b"raise", b"nothing"])
def test_whatever_it_does_there_the_file_has_a_sentence(deed: bytes) -> None:
    with pytest.raises(MalformedFile):
        read(b"HOSTILE " + deed, "a")
    assert read(b"HOSTILE well", "name")[0].title == "name"


def test_one_that_needs_no_cage_reads_here() -> None:
    (recording,) = read(b"TRUSTED pid", "a")
    assert recording.title == str(os.getpid())
    assert recording.warnings[0].startswith("experimental")


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        (b"raise", "the trusted reader cannot follow the file (KeyError: 'line one"),
        (b"nest", "RecursionError"),
        (b"nothing", "the trusted reader found nothing in the file"),
    ],
)
def test_what_it_raises_here_becomes_a_refusal(deed: bytes, sentence: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(MalformedFile) as refusal:
        read(b"TRUSTED " + deed, "a")
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)
    if deed != b"nothing":
        assert "device format trusted failed" in caplog.text


def test_its_own_refusal_stands() -> None:
    with pytest.raises(AdapterError, match="^it is none$"):
        read(b"TRUSTED refuse", "a")


def test_one_that_cannot_judge_keeps_nobody_else_from_reading() -> None:
    assert AddedFormat(Hostile(), f"{MODULE}:FORMAT").recognises(b"HOSTILE-JUDGE", "a") == 0
    assert AddedFormat(TRUSTED, f"{MODULE}:TRUSTED").recognises(b"1,2\n", "a") == 0
