from __future__ import annotations

import re

from reachback import __version__
from reachback.validation.report import SCHEMA
from tests.conftest import REPOSITORY

TEXT = (REPOSITORY / "docs" / "accuracy.md").read_text(encoding="utf-8")


def test_the_document_names_engine_and_schema() -> None:
    assert f"engine {__version__} (" in TEXT
    assert SCHEMA in TEXT


def test_no_figure_stands_without_its_denominator_date_and_data() -> None:
    figures = TEXT.partition("<!-- figures -->")[2].partition("<!-- end of figures -->")[0]
    assert len(re.findall(r"[\d,]+ of [\d,]+ = [\d.]+ % \([\d.]+ % to [\d.]+ %\)", figures)) > 50
    assert re.search(r"Measured on \d{4}-\d\d-\d\d", figures)
    for data in ("ir_library", "ir_more", "raman_liquids", "raman_powders", "raman_transfer"):
        assert data in figures
