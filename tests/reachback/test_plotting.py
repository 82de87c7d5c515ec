from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reachback.errors import PlotRefused
from reachback.plotting import MAX_BLOCKS, draw_verdicts, save_plot
from spectra.spectrum import Provenance, Technique
from tests.reachback.verdicts import library, mixture, no_match, unusable


def words(svg: Path) -> str:
    root = ET.fromstring(svg.read_text(encoding="utf-8"))
    return " ".join("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))


def test_a_picture_says_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "v.svg"
    save_plot(path, [mixture(), mixture(Technique.RAMAN, "dir/b.spc"), unusable(), no_match()], library())
    said = words(path)
    for part in (
        "a.jdx",
        "b.spc",
        "MIXTURE (tentative): caffeine (anhydrous) + fentanyl (hydrochloride)",
        "SCAN NOT USABLE",
        "NO MATCH",
        "fentanyl (hydrochloride)  6 %",
        "Wavenumber [cm⁻¹]",
        "Raman shift [cm⁻¹]",
        "PRESUMPTIVE – not confirmed. FTIR scan against hand-made 2026.1",
        "1380",
    ):
        assert part in said, part
    assert "dir/" not in said


@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf"])
def test_the_same_verdict_gives_the_same_bytes(tmp_path: Path, ending: str) -> None:
    for name in ("a", "b"):
        save_plot(tmp_path / f"{name}{ending}", [mixture(), unusable()], library())
    first, second = ((tmp_path / f"{name}{ending}").read_bytes() for name in ("a", "b"))
    assert first == second


def test_infrared_runs_down_and_raman_up() -> None:
    figure = draw_verdicts([mixture(), mixture(Technique.RAMAN), unusable()], library())
    ranges = [axes.get_xlim() for block in figure.subfigs for axes in block.get_axes()]
    assert [low > high for low, high in ranges] == [True, True, False, False, True]


def test_no_curve_is_drawn_under_another_part_s_name() -> None:
    made = mixture()
    figure = draw_verdicts([replace(made, components=made.components[1:])], library())
    said = [text.get_text() for text in figure.subfigs[0].get_axes()[0].texts]
    assert said == ["scan (black) and fit (grey);  | band found,  × band missing"]


def test_a_rejected_fit_is_not_drawn() -> None:
    (panel,) = draw_verdicts([no_match()], library()).subfigs[0].get_axes()
    curves = [line for line in panel.get_lines() if np.size(line.get_ydata()) > 2]
    assert len(curves) == 1
    assert [text.get_text() for text in panel.texts] == ["745", "1645"]  # 1695 is too near for a label


def test_names_with_formula_signs_are_drawn_as_they_are(tmp_path: Path) -> None:
    made = mixture()
    part = replace(made.components[0], substance="a$b_{x}$ & <c>")
    scan = replace(made.spectrum, provenance=Provenance(file="x$1$.jdx"))
    save_plot(tmp_path / "v.svg", [replace(made, spectrum=scan, components=(part,))], library())
    assert "a$b_{x}$ & <c>" in words(tmp_path / "v.svg")


def test_many_scans_are_cut_and_many_parts_fit(tmp_path: Path) -> None:
    made = mixture()
    assert made.explanation is not None
    many = replace(
        made,
        components=made.components * 5,
        explanation=replace(
            made.explanation,
            parts=made.explanation.parts.repeat(5, axis=0),
            matched=made.explanation.matched * 5,
            missing=made.explanation.missing * 5,
        ),
    )
    figure = draw_verdicts([many], library())
    assert len(figure.subfigs) == 1
    save_plot(tmp_path / "v.svg", [unusable()] * (MAX_BLOCKS + 3), library())
    assert words(tmp_path / "v.svg").count("SCAN NOT USABLE") == MAX_BLOCKS


def test_other_endings_and_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlotRefused, match=r"must end in \.svg"):
        save_plot(tmp_path / "v.gif", [mixture()], library())
    with pytest.raises(PlotRefused, match="cannot be written"):
        save_plot(tmp_path / "nowhere" / "v.svg", [mixture()], library())
