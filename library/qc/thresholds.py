"""Thresholds of the checks, in one place, each with what it was set on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["THRESHOLDS", "Thresholds"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits beyond which a check speaks; dimensionless unless a unit is named."""

    # -- one spectrum
    fail_snr: float = 20.0  # strongest band over noise; a scan with 8 is still read, a reference has to be better
    least_snr: float = 100.0  # below, weak bands of the substance are lost in what is taken for the truth
    widest_step_ftir: float = 8.0  # [cm^-1] between points; the field's ATR archives have 4 to 8
    widest_step_raman: float = 8.0  # [cm^-1]
    coarsest_resolution_ftir: float = 16.0  # [cm^-1] as stated by the laboratory
    coarsest_resolution_raman: float = 15.0  # [cm^-1] what handhelds have
    least_coverage: float = 0.6  # of the judged range; below, no full scan is ever compared with it
    full_coverage: float = 0.95
    most_background: float = 10.0  # area taken off as baseline over area of the bands
    raised_baseline: float = 2.0
    raised_floor: float = 0.05  # of the highest point; 6 of 179 archive spectra, among them three known to be raised

    # -- pairs, by the cosine of slopes
    duplicate: float = 0.9995  # the same curve again: resampled, rounded, scaled
    near_duplicate: float = 0.98  # another measurement of the same sample or substance
    conflict: float = 0.98  # two names for what looks the same
    look_alike: float = 0.80  # pairs looked at exactly; below, no pair was ever found that noise could hide
    # A reference whose own kind is less like it than another substance by this much is called another.
    label_margin: float = 0.05
    own_kind_found: float = 0.60  # a second reference of one substance that is less alike than this says little

    # -- noise at which look-alikes are asked about: strongest band over noise of a scan
    asked_snr: tuple[float, ...] = (30.0, 100.0, 300.0, 1000.0)

    # -- mixtures
    mixture_explained: float = 0.97  # of the squared slopes, by two others
    mixture_gain: float = 0.05  # over the better of them alone
    mixture_share: float = 0.10  # of the signal, at least, of the smaller part
    almost_itself: float = 0.97  # what is this much alike is a twin, not a part


THRESHOLDS = Thresholds()
