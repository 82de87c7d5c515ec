"""Style sheets and scripts: kept for good under their digest, and nothing else is reachable."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from reachback.web.static_files import HTMX, has_static, static_files, static_url

Browser = Callable[..., TestClient]
SVG_NAMESPACE = "http://www.w3.org/2000/svg"  # a name, no address
SOURCE = Path(__file__).resolve().parents[3] / "reachback" / "web" / "static"


def test_a_file_is_kept_for_good(browser: Browser) -> None:
    answer = browser().get(static_url("css/house.css"))
    assert answer.status_code == 200
    assert answer.content == (SOURCE / "css" / "house.css").read_bytes()
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    old = browser().get("/static/0123/css/house.css")
    assert old.headers["cache-control"] == "no-cache"


def test_it_is_compressed_where_that_is_taken() -> None:
    file = static_files()["js/house.js"]
    assert gzip.decompress(file.compressed) == file.content


@pytest.mark.parametrize(
    "path",
    ["x/../../pages.py", "x/%2e%2e/%2e%2e/pages.py", "x/..%2f..%2fsettings.py", "x/vendor/made-from", "x/css", "x/"],
)
def test_nothing_else_is_reachable(browser: Browser, path: str) -> None:
    assert browser().get(f"/static/{path}").status_code == 404


def test_a_slip_in_a_template_is_an_error() -> None:
    with pytest.raises(LookupError, match="css/hose.css"):
        static_url("css/hose.css")


def test_no_script_or_style_of_ours_names_another_host() -> None:
    foreign = ("http://", "https://", "//cdn")
    own = [path for path in SOURCE.rglob("*") if path.suffix in (".js", ".css") and "vendor" not in path.parts]
    assert len(own) > 5
    texts = {path.name: path.read_text(encoding="utf-8").replace(SVG_NAMESPACE, "") for path in own}
    found = [(name, word) for name, text in texts.items() for word in foreign if word in text]
    assert found == []


def test_no_template_holds_an_inline_script_or_style() -> None:
    templates = list((SOURCE.parent / "templates").rglob("*.html"))
    assert len(templates) > 10
    for path in templates:
        text = path.read_text(encoding="utf-8")
        for word in (" style=", "<style", " onclick", " onload", " onsubmit", "hx-on", "js:", "<script>"):
            assert word not in text, f"{path.name}: {word}"


@pytest.mark.skipif(not has_static(HTMX), reason="the scripts of others were not fetched when this was installed")
def test_scripts_of_others_come_with_their_licences() -> None:
    assert {"vendor/htmx.LICENSE.txt", "vendor/uPlot.LICENSE.txt", "vendor/uPlot.iife.min.js"} <= set(static_files())
