"""The real process with a real library: what it says of a stored file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reachback.intake.identification_pool import IdentificationPool
from reachback.settings import Settings


@pytest.fixture(scope="module")
def pool(lab: Path, session_cache: Path) -> Iterator[IdentificationPool]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REACHBACK_CACHE_DIR", str(session_cache))
        made = IdentificationPool(Settings(library=str(lab), workers=1))
        made.start()
        yield made
        made.close()


def test_a_scan_is_identified(pool: IdentificationPool, scan: Path) -> None:
    answer = pool.identify(scan, "evidence.jdx", {"technique": "ftir"})
    assert answer["refusals"] == []
    assert answer["results"][0]["scan"]["file"] == "evidence.jdx"
    assert answer["results"][0]["components"][0]["substance"] == "alpha"


def test_what_cannot_be_read_has_its_reason(pool: IdentificationPool, scan: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"%PDF-1.4")
    assert "PDF" in pool.identify(junk, "a.pdf", {})["refusals"][0]["error"]
    contradicted = pool.identify(scan, "a.jdx", {"technique": "raman"})
    assert contradicted["results"] == []
    assert "raman" in contradicted["refusals"][0]["error"]
    assert "no such file" in pool.identify(tmp_path / "gone", "a.jdx", {})["refusals"][0]["error"]


def test_the_devices_own_words_come_along(pool: IdentificationPool, shared_data: Path) -> None:
    file = shared_data / "device_files" / "handheld" / "rmx_Scan010.txt"
    said = pool.identify(file, file.name, {})["device"]
    assert said[0]["device_result"].startswith(("finalresult", "result"))
    assert "device_verdict" in said[0]
