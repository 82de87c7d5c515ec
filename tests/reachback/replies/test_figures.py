"""Pictures drawn again from stored bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from device_adapters.stated import Stated
from library.model import OpenLibrary
from library.opening import open_library
from reachback.identification_json import identification_as_json
from reachback.identifying import Verdict, identify_bytes
from reachback.replies.figures import CHANGED, MANY, draw_scan


@pytest.fixture(scope="module")
def library(lab: Path, session_cache: Path) -> OpenLibrary:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REACHBACK_CACHE_DIR", str(session_cache))
        return open_library(lab)


@pytest.fixture(scope="module")
def element(library: OpenLibrary, scan: Path) -> dict[str, Any]:
    """The stored verdict on the scan."""
    (verdict,) = identify_bytes(scan.read_bytes(), "scan.jdx", library, Stated())
    assert isinstance(verdict, Verdict)
    stored: dict[str, Any] = json.loads(json.dumps(identification_as_json(verdict.identification, library)))
    return stored


def test_the_verdict_is_drawn_where_it_is_still_the_same(
    library: OpenLibrary, scan: Path, element: dict[str, Any]
) -> None:
    picture = draw_scan(scan.read_bytes(), element, library)
    assert picture is not None
    assert picture.png.startswith(b"\x89PNG")
    assert picture.caption == ""
    assert draw_scan(scan.read_bytes(), element, library) == picture


def test_another_library_draws_the_scan_alone_and_says_so(
    library: OpenLibrary, scan: Path, element: dict[str, Any]
) -> None:
    picture = draw_scan(scan.read_bytes(), element, replace(library, digest="another"))
    assert picture is not None
    assert picture.caption == CHANGED


def test_a_verdict_that_would_come_out_otherwise_is_not_drawn(
    library: OpenLibrary, scan: Path, element: dict[str, Any]
) -> None:
    picture = draw_scan(scan.read_bytes(), element | {"outcome": "no_match"}, library)
    assert picture is not None
    assert picture.caption == CHANGED


def test_of_a_file_with_many_spectra_the_scan_alone_is_drawn(
    library: OpenLibrary, scan: Path, element: dict[str, Any]
) -> None:
    picture = draw_scan(scan.read_bytes(), element, library, with_fit=False)
    assert picture is not None
    assert picture.caption == MANY


def test_bytes_that_are_no_spectrum_any_more_give_no_picture(library: OpenLibrary, element: dict[str, Any]) -> None:
    assert draw_scan(b"nothing", element, replace(library, digest="another")) is None
