"""The report on paper."""

from __future__ import annotations

import re
import zlib
from base64 import a85decode
from typing import Any

import pytest

from reachback.replies import report_pdf as module
from reachback.replies.figures import Picture
from reachback.replies.report_pdf import report_pdf
from tests.reachback.replies.made_replies import content, element, scan


def drawn(made: dict[str, Any]) -> bytes:
    return report_pdf(made, {})


def streams(pdf: bytes) -> bytes:
    """Everything that is drawn, unpacked."""
    found = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    texts = []
    for packed in found:
        try:
            texts.append(zlib.decompress(a85decode(packed.strip().removesuffix(b"~>"))))
        except (ValueError, zlib.error):
            continue  # a font or a picture
    return b"\n".join(texts)


def test_the_same_reply_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = drawn(content())
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert drawn(content()) == first
    assert first.startswith(b"%PDF-")


def test_another_answer_gives_other_bytes() -> None:
    assert drawn(content()) != drawn(content(kind="preliminary"))


def test_what_people_write_is_never_mark_up() -> None:
    said = {
        "outcome": "identified",
        "components": [{"substance": "<b>x</b> & <para>", "form": "<i>", "class": None, "in_library": False}],
        "comment": "first <font size=90>line</font>\nsecond \x07 & line",
        "confidence": "<a href='http://x'>",
    }
    hostile = scan(element(reasons=["<b>"]), name="<img src='x'/>.jdx")
    assert drawn(content(said=said, scans=[hostile])).startswith(b"%PDF-")


def test_why_it_was_amended_and_what_was_looked_at_are_drawn() -> None:
    said = {"outcome": "identified", "components": [{"substance": "x"}], "comment": "", "confidence": None}
    more = {"amended_because": "<b>a slip</b>\nof the pen", "evidence_used": ["fit of FTIR: <x>", "the photos"]}
    plain, told = (streams(drawn(content(said=each))).count(b"Tj") for each in (said, {**said, **more}))
    assert told >= plain + 4


def test_many_scans_and_long_texts_find_their_pages() -> None:
    said: dict[str, Any] = {
        "outcome": "not_identified",
        "components": [],
        "comment": "long " * 1900,
        "confidence": None,
    }
    pdf = drawn(content(said=said, scans=[scan(*[element()] * 3, name=f"{number}.jdx") for number in range(8)]))
    assert len(re.findall(rb"/Type /Page\b", pdf)) > 5


def test_of_a_map_a_dozen_spectra_are_told() -> None:
    def pages(n_spectra: int) -> int:
        return len(re.findall(rb"/Type /Page\b", drawn(content(scans=[scan(*[element()] * n_spectra)]))))

    assert pages(40) == pages(13) < pages(12) + 2


def test_every_page_says_what_it_belongs_to() -> None:
    footer = module._Footer(content(kind="preliminary"))
    assert footer._left == "case c1, version 1"
    assert footer._mark.startswith("PRELIMINARY")
    assert module._Footer(content(kind="machine", case=None, said=None))._left == "scan scan of a.jdx, no case"


def test_a_scan_that_could_not_be_read_says_why() -> None:
    refused = scan() | {"elements": [], "error": "this is no spectrum"}
    without = drawn(content(scans=[scan() | {"elements": [], "error": None}]))
    assert streams(drawn(content(scans=[refused]))) != streams(without)


def test_a_tall_picture_is_made_to_fit() -> None:
    picture = Picture(b"", 100, 1000, "")
    shown = module._fitted(picture)
    assert shown[1] == pytest.approx(module.TALLEST_PICTURE)
    assert shown[0] == pytest.approx(module.TALLEST_PICTURE / 10)


def test_what_all_say_together_is_drawn_with_its_reasons() -> None:
    strips = [{"kind": "fentanyl", "result": "negative"}]
    alone, beside = content(), content(scans=[scan() | {"strips": strips}])
    n_lines = [streams(drawn(made)).count(b"Tj") for made in (alone, beside)]
    assert n_lines[1] > n_lines[0] + 4
