from __future__ import annotations

from pathlib import Path

import pytest

from device_adapters.stated import Stated
from library.opening import open_library
from reachback.identifying import identify_bytes
from tests.device_adapters.made_files import bwtek, rmx


@pytest.mark.parametrize("content", [rmx(), bwtek()], ids=["firstdefender", "bwtek"])
def test_a_dark_scan_beside_a_scan_is_neither_answered_nor_an_error(
    content: bytes, lab: Path, session_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REACHBACK_CACHE_DIR", str(session_cache))
    library = open_library(lab)
    assert len(identify_bytes(content, "a.txt", library, Stated())) == 1
