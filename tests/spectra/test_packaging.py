"""Packaging is found, set aside, and never named as the sample."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device_adapters.reading import read
from device_adapters.spectrum_gate import Stated, as_spectrum
from library.band_tables import draw_bands
from library.folder import open_folder
from spectra.compilation import compile_references, share_points
from spectra.identify import identify
from spectra.packaging import ONLY_PACKAGING
from spectra.preprocess.recipe import prepare
from spectra.preprocess.shipped import recipe_for
from spectra.reference import Grade, Reference, ReferenceSet
from spectra.spectrum import Spectrum, Technique
from spectra.verdict import Identification, Outcome
from tests.spectra.conftest import Measured
from tests.spectra.made_spectra import FloatArray, made_references, name_of, reference, scan, without

REPOSITORY = Path(__file__).resolve().parents[2]
BAG = 4
SETTLED = (Outcome.MATCH, Outcome.MIXTURE)
SET_ASIDE = f"{name_of(BAG)} of the packaging was set aside"


def named(verdict: Identification) -> set[str]:
    return {component.substance for component in verdict.components}


def library(technique: Technique, **changes: Any) -> ReferenceSet:
    given: dict[str, Any] = {"substance_class": "packaging", **changes}
    bag = reference(BAG, technique, **given)
    return compile_references([bag if r.entry.id == bag.entry.id else r for r in made_references(technique)])


@pytest.fixture(scope="module")
def with_bag(technique: Technique) -> ReferenceSet:
    return library(technique)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_the_sample_behind_a_bag_is_named_without_it(share: float, with_bag: ReferenceSet) -> None:
    inside = {2: 0.6 * (1 - share), 13: 0.4 * (1 - share)}
    verdict = identify(scan({BAG: share, **inside}, with_bag.technique), with_bag)
    assert (verdict.outcome, named(verdict)) == (Outcome.MIXTURE, {name_of(2), name_of(13)})
    assert verdict.background == (name_of(BAG),)
    assert SET_ASIDE in verdict.reasons
    assert [c.share for c in verdict.components] == pytest.approx([0.6, 0.4], abs=0.05)
    assert name_of(BAG) not in {candidate.substance for candidate in verdict.candidates}


def test_a_pure_substance_in_a_bag_is_still_a_match(with_bag: ReferenceSet) -> None:
    verdict = identify(scan({BAG: 0.4, 7: 0.6}, with_bag.technique), with_bag)
    assert (verdict.outcome, named(verdict)) == (Outcome.MATCH, {name_of(7)})
    assert verdict.components[0].share > 0.95


def test_the_picture_is_of_the_sample(with_bag: ReferenceSet) -> None:
    shown = identify(scan({BAG: 0.5, 2: 0.3, 13: 0.2}, with_bag.technique), with_bag).explanation
    assert shown is not None
    assert len(shown.parts) == len(shown.matched) == len(shown.missing) == 2
    assert shown.parts.sum(axis=0) == pytest.approx(shown.fit, abs=1e-9)
    assert shown.fit + shown.residual == pytest.approx(shown.scan, abs=1e-9)


def test_an_empty_bag_says_that_only_packaging_is_seen(with_bag: ReferenceSet) -> None:
    verdict = identify(scan({BAG: 1.0}, with_bag.technique), with_bag)
    assert (verdict.outcome, verdict.components, verdict.alerts) == (Outcome.INCONCLUSIVE, (), ())
    assert verdict.reasons[0] == ONLY_PACKAGING
    assert verdict.background == (name_of(BAG),)
    assert verdict.reach_back
    assert {target.limit_share for target in verdict.targets} == {None}
    assert verdict.explanation is not None
    assert float(verdict.explanation.scan.max()) > 0


def test_behind_a_thick_bag_a_watched_substance_still_raises_an_alert(with_bag: ReferenceSet) -> None:
    verdict = identify(scan({BAG: 0.96, 3: 0.04}, with_bag.technique, noise=1e-3), with_bag)
    assert name_of(3) in {alert.substance for alert in verdict.alerts}


def test_an_unknown_in_a_bag_stays_unknown(with_bag: ReferenceSet) -> None:
    for number in (1, 2, 7, 13):
        mixed = scan({BAG: 0.5, number: 0.5}, with_bag.technique)
        verdict = identify(mixed, without(with_bag, name_of(number)))
        assert verdict.outcome not in SETTLED
        assert verdict.reasons[0] != ONLY_PACKAGING
        assert (verdict.components, verdict.alerts) == ((), ())
        assert verdict.unexplained is not None
        assert verdict.unexplained.share > 0.1


def test_no_bag_is_seen_where_there_is_none(with_bag: ReferenceSet) -> None:
    for number in range(12):
        if number != BAG:
            pure = scan({number: 1.0}, with_bag.technique)
            assert identify(pure, with_bag).background == ()
            assert identify(pure, without(with_bag, name_of(number))).background == ()


@pytest.mark.parametrize("what", ["watch", "controlled"])
def test_what_is_watched_is_never_set_aside(what: str, technique: Technique) -> None:
    references = library(technique, **{what: True})
    verdict = identify(scan({BAG: 0.5, 2: 0.5}, technique), references)
    assert verdict.background == ()
    assert name_of(BAG) in named(verdict)


def test_packaging_that_is_like_a_watched_substance_settles_nothing(technique: Technique) -> None:
    bag = reference(BAG, technique, substance_class="packaging")
    twin = reference(BAG, technique, id="twin.jdx", substance="twin", substance_class="opioid", watch=True)
    references = compile_references([bag, twin, *made_references(technique, [2, 5, 7, 13])])
    verdict = identify(scan({BAG: 0.4, 7: 0.6}, technique), references)
    assert "twin" in {alert.substance for alert in verdict.alerts}
    assert verdict.reach_back
    if verdict.background:
        assert verdict.outcome not in SETTLED
        assert "this scan cannot tell the packaging from twin" in verdict.reasons


def test_what_a_table_of_bands_took_off_leaves_a_tentative_verdict(technique: Technique) -> None:
    references = library(technique, grade=Grade.BAND_TABLE)
    verdict = identify(scan({BAG: 0.4, 7: 0.6}, technique), references)
    assert (verdict.outcome, verdict.tentative) == (Outcome.MATCH, True)
    assert any("the packaging was taken off by a table" in reason for reason in verdict.reasons)


# -- on measured scans


def polyethylene() -> Reference:
    (found,) = [
        r
        for r in open_folder(REPOSITORY / "reference_spectra").references()[Technique.RAMAN]
        if r.entry.substance == "polyethylene"
    ]
    return found


def bag_signal(axis: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A bag unlike the table: each band moved, higher or lower by 10 %, broader; with bands of its molten part."""
    positions = np.array([1063.0, 1129.0, 1172.0, 1295.0, 1440.0, 1462.0, 1080.0, 1303.0])
    heights = np.array([700.0, 640.0, 160.0, 1000.0, 830.0, 470.0, 150.0, 150.0])
    widths = np.array([9.0, 8.5, 9.0, 8.5, 15.0, 12.0, 35.0, 25.0])
    return draw_bands(
        axis,
        positions + rng.normal(0.0, 1.0, 8),
        heights * (1 + 0.1 * rng.standard_normal(8)),
        widths * (1 + 0.1 * rng.random(8)),
    )


def in_a_bag(inside: Spectrum, share: float, rng: np.random.Generator) -> Spectrum:
    """A scan with so much of its baseline-corrected area coming from a bag."""
    ready = prepare(inside, recipe_for(inside.technique))
    window = share_points(ready.recipe.axis, inside.technique)
    area = float(np.clip(ready.curve[window], 0, None).sum()) * ready.recipe.grid.step
    bag = bag_signal(inside.axis, rng)
    scale = area * share / (1 - share) / float(np.trapezoid(bag, inside.axis))
    return inside.with_intensity(inside.intensity + scale * bag)


# Measured, with all components of how many mixtures named, of 15 liquids and of 6 powders.
@pytest.mark.parametrize(
    ("folder", "separator", "share", "least"),
    [
        ("raman_liquids", "|", 0.1, 14),
        ("raman_liquids", "|", 0.2, 13),
        ("raman_liquids", "|", 0.3, 10),
        ("raman_liquids", "|", 0.5, 4),
        ("raman_powders", ",", 0.1, 6),
        ("raman_powders", ",", 0.3, 6),
        ("raman_powders", ",", 0.5, 5),
    ],
)
def test_measured_mixtures_in_a_simulated_bag(
    shared_data: Path, measured: Measured, folder: str, separator: str, share: float, least: int
) -> None:
    references = compile_references([*measured(f"{folder}/library", Technique.RAMAN), polyethylene()])
    mixtures = shared_data / folder / "mixtures"
    rng = np.random.default_rng(1)
    exact = 0
    with (mixtures / "expected.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=separator):
            (recording,) = read((mixtures / row["file"]).read_bytes(), row["file"])
            verdict = identify(in_a_bag(as_spectrum(recording, Stated()), share, rng), references)
            true = set(row["components"].split(";"))
            assert named(verdict) <= true, row["file"]
            exact += named(verdict) == true
    assert exact >= least


def test_no_bag_is_seen_in_measured_scans_without_one(measured: Measured) -> None:
    references = measured("raman_liquids/library", Technique.RAMAN)
    compiled = compile_references([*references, polyethylene()])
    for each in references:
        assert identify(each.spectrum, compiled).background == ()
        assert identify(each.spectrum, without(compiled, each.entry.substance)).background == ()


def test_a_measured_scan_of_polyethylene_is_packaging(shared_data: Path) -> None:
    path = shared_data / "device_files" / "ascii" / "raman_hdpe.csv"
    (recording,) = read(path.read_bytes(), path.name)
    starter = compile_references(open_folder(REPOSITORY / "reference_spectra").references()[Technique.RAMAN])
    verdict = identify(as_spectrum(recording, Stated(technique="raman")), starter)
    assert verdict.background == ("polyethylene",)
    assert (verdict.outcome, verdict.reasons[0]) == (Outcome.INCONCLUSIVE, ONLY_PACKAGING)
