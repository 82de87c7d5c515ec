"""What a scan meets outside the laboratory: gases in the beam path, cosmic rays, saturation, fluorescence, lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra.compilation import compile_references
from spectra.errors import NoOverlap
from spectra.identify import identify
from spectra.reference import Reference, ReferenceSet
from spectra.spectrum import Ordinate, Spectrum, Technique
from spectra.verdict import Identification, Outcome
from tests.spectra.conftest import Measured
from tests.spectra.made_spectra import (
    AXES,
    FloatArray,
    bands,
    made_references,
    name_of,
    reference,
    scan,
    spectrum,
)

Sets = dict[Technique, ReferenceSet]
SETTLED = (Outcome.MATCH, Outcome.MIXTURE)
FINE = np.arange(600.0, 2000.1, 1.0)


def named(verdict: Identification) -> set[str]:
    return {component.substance for component in verdict.components}


def is_silent(verdict: Identification) -> bool:
    return verdict.outcome not in SETTLED and not verdict.components and not verdict.alerts


# -- gases


def vapour(axis: FloatArray, seed: int) -> FloatArray:
    """Sharp lines between 1300 and 2000 cm^-1, as water vapour has them, and carbon dioxide at 667; up to 1 high.

    The places are drawn: it is the form that matters, many lines narrower than any band of a solid.
    """
    rng = np.random.default_rng(seed)
    places, heights = rng.uniform(1300.0, 2000.0, 90), rng.uniform(0.1, 1.0, 90)
    lines = (heights / (1 + ((axis[:, None] - places) / 0.8) ** 2)).sum(axis=1)
    dioxide = np.exp(-(((axis - 667.4) / 1.5) ** 2)) + 0.25 * np.exp(-(((axis - 667.4) / 12.0) ** 2))
    return np.asarray(lines + dioxide)


@pytest.mark.parametrize("strength", [0.02, 0.05, -0.05])
def test_gas_in_the_beam_path_adds_no_name(strength: float, made_sets: Sets) -> None:
    # Less gas than in the background measurement gives lines that point down.
    right = 0
    for seed, number in enumerate(range(12)):
        clean = bands(number, Technique.FTIR, FINE)
        air = clean + strength * clean.max() * vapour(FINE, seed)
        verdict = identify(spectrum(air, Technique.FTIR, FINE), made_sets[Technique.FTIR])
        assert named(verdict) <= {name_of(number)}
        assert {alert.substance for alert in verdict.alerts} <= {name_of(number)}
        right += verdict.outcome is Outcome.MATCH
    assert right >= (11 if abs(strength) < 0.03 else 6)


def test_gas_alone_is_nothing(made_sets: Sets, ir_set: ReferenceSet) -> None:
    rng = np.random.default_rng(0)
    for seed in range(8):
        for sign in (1.0, -1.0):
            air = sign * vapour(FINE, seed) + 0.02 * rng.standard_normal(FINE.size)
            for references in (made_sets[Technique.FTIR], ir_set):
                assert is_silent(identify(spectrum(air, Technique.FTIR, FINE), references))


@pytest.mark.parametrize("strength", [0.02, 0.05])
def test_gas_over_measured_spectra_adds_no_name(
    strength: float, ir_library: list[Reference], ir_set: ReferenceSet
) -> None:
    wrong = []
    for seed, measured in enumerate(ir_library):
        axis = np.arange(measured.spectrum.axis[0], 1900.0, 1.0)
        clean = np.interp(axis, measured.spectrum.axis, measured.spectrum.intensity)
        verdict = identify(spectrum(clean + strength * clean.max() * vapour(axis, seed), Technique.FTIR, axis), ir_set)
        told = named(verdict) | {alert.substance for alert in verdict.alerts if alert.substance}
        wrong += sorted(told - {measured.entry.substance})
    assert wrong == []


# -- cosmic rays


def rays(intensity: FloatArray, seed: int) -> FloatArray:
    """Ten cosmic rays over one to three points, up to ten times as high as the strongest band."""
    rng = np.random.default_rng(seed)
    hit = np.array(intensity)
    for place in rng.choice(np.arange(10, intensity.size - 10, 12), 10, replace=False).tolist():
        hit[place : place + int(rng.integers(1, 4))] += rng.uniform(0.3, 10.0) * float(np.ptp(intensity))
    return hit


def test_cosmic_rays_change_nothing(made_sets: Sets) -> None:
    for seed in range(10):
        parts = {seed: 0.6, seed + 7: 0.4}
        clean = scan(parts, Technique.RAMAN, seed=seed)
        verdict = identify(clean.with_intensity(rays(clean.intensity, seed)), made_sets[Technique.RAMAN])
        assert named(verdict) == {name_of(number) for number in parts}
        assert verdict.outcome is Outcome.MIXTURE
        assert "cosmic_spikes_removed" in verdict.quality.flags


def test_cosmic_rays_alone_are_nothing(made_sets: Sets) -> None:
    for seed in range(10):
        noise = np.random.default_rng(seed).standard_normal(AXES[Technique.RAMAN].size)
        assert is_silent(identify(spectrum(rays(noise, seed), Technique.RAMAN), made_sets[Technique.RAMAN]))


def test_cosmic_rays_on_measured_scans_add_no_name(measured: Measured) -> None:
    references = measured("raman_liquids/library", Technique.RAMAN)
    compiled = compile_references(references)
    for seed, each in enumerate(references):
        verdict = identify(each.spectrum.with_intensity(rays(each.spectrum.intensity, seed)), compiled)
        assert named(verdict) <= {each.entry.substance}


# -- saturation and fluorescence


def test_a_saturated_scan_is_unusable_and_warns_of_heat(made_sets: Sets) -> None:
    for number in range(6):
        clean = scan({number: 1.0}, Technique.RAMAN)
        cut = np.minimum(clean.intensity, 0.6 * float(clean.intensity.max()))
        verdict = identify(clean.with_intensity(cut), made_sets[Technique.RAMAN])
        assert (verdict.outcome, verdict.quality.flags[:1]) == (Outcome.UNUSABLE, ("saturated",))
        assert "less power" in verdict.reasons[0]
        assert "ignite" in verdict.reasons[0]


def test_buried_in_fluorescence_a_scan_is_unusable_and_the_advice_puts_the_hazard_first(made_sets: Sets) -> None:
    axis = AXES[Technique.RAMAN]
    for number in range(6):
        glow = 1e6 * np.exp(-axis / 6000.0)
        counts = glow + 1e3 * bands(number, Technique.RAMAN, axis) / bands(number, Technique.RAMAN, axis).max()
        shot = counts + np.sqrt(counts) * np.random.default_rng(number).standard_normal(axis.size)
        verdict = identify(spectrum(shot, Technique.RAMAN), made_sets[Technique.RAMAN])
        assert (verdict.outcome, verdict.quality.flags[:1]) == (Outcome.UNUSABLE, ("fluorescence",))
        assert "1064 nm" in verdict.reasons[0]
        assert verdict.reasons[0].endswith("read the hazard card first.")


# -- SERS


def test_a_sers_scan_is_never_compared_with_normal_raman(made_sets: Sets) -> None:
    normal = scan({3: 1.0}, Technique.RAMAN)
    with pytest.raises(NoOverlap, match="SERS"):
        identify(replace(normal, mode="SERS"), made_sets[Technique.RAMAN])
    enhanced = [reference(number, Technique.RAMAN, id=f"sers-{number}.jdx", mode="SERS") for number in (5, 6)]
    both = compile_references([*made_references(Technique.RAMAN, [3, 8]), *enhanced])
    assert is_silent(identify(replace(normal, mode="SERS"), both))
    assert named(identify(normal, both)) == {name_of(3)}
    assert is_silent(identify(scan({5: 1.0}, Technique.RAMAN), both))


# -- lies and nonsense, on a measured library


def deceptions(real: Spectrum) -> dict[str, Spectrum]:
    """A real scan made into what it must not be taken for."""
    values, top = real.intensity, float(real.intensity.max())
    spike = np.zeros(values.size)
    spike[values.size // 2] = 1.0
    return {
        "negative": real.with_intensity(-values),
        "negative on a level": real.with_intensity(2 * top - values),
        "shifted up": Spectrum(real.axis + 50.0, values, real.technique, real.ordinate),
        "shifted down": Spectrum(real.axis - 50.0, values, real.technique, real.ordinate),
        "transmittance called absorbance": real.with_intensity(10.0 ** -(values / top)),
        "absorbance called transmittance": real.with_intensity(values / top, Ordinate.TRANSMITTANCE),
        "absorbance called per cent": real.with_intensity(100.0 * values / top, Ordinate.PERCENT_TRANSMITTANCE),
        "constant": real.with_intensity(np.full(values.size, top)),
        "ramp": real.with_intensity(np.linspace(0.0, top, values.size)),
        "spike": real.with_intensity(spike),
        "noise": real.with_intensity(np.random.default_rng(values.size).standard_normal(values.size)),
        "diamond": real.with_intensity(
            np.exp(-(((real.axis - 2100.0) / 180.0) ** 2)) + 0.2 * np.exp(-real.axis / 900.0)
        ),
    }


@pytest.mark.parametrize("what", sorted(deceptions(Spectrum(FINE, FINE, Technique.FTIR, Ordinate.ABSORBANCE))))
def test_on_a_measured_library_no_deception_is_named(
    what: str, ir_library: list[Reference], ir_set: ReferenceSet
) -> None:
    settled, alerted = [], []
    for each in ir_library:
        verdict = identify(deceptions(each.spectrum)[what], ir_set)
        settled += [each.entry.substance] if verdict.outcome in SETTLED else []
        alerted += [each.entry.substance] if verdict.alerts else []
    assert (settled, alerted) == ([], [])


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), colour=st.floats(0.0, 2.0), level=st.floats(-1.0, 3.0), slope=st.floats(-2.0, 2.0)
)
def test_no_coloured_noise_is_named_on_a_measured_library(
    ir_set: ReferenceSet, seed: int, colour: float, level: float, slope: float
) -> None:
    rng = np.random.default_rng(seed)
    axis = np.arange(600.0, 1900.0, 7.84)
    white = np.fft.rfft(rng.standard_normal(axis.size))
    coloured = np.fft.irfft(white / np.arange(1, white.size + 1) ** colour, axis.size)
    scaled = coloured / np.abs(coloured).max() + level + slope * np.linspace(-1, 1, axis.size)
    assert is_silent(identify(spectrum(scaled, Technique.FTIR, axis), ir_set))
