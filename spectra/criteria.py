"""The only home of thresholds: one frozen value, passed down.

How each was chosen stands beside it. Thresholds that decide between *named* and *refused* were set on the
acceptance side (what a true scan, disturbed by simulation, must still pass), never on the scans whose refusal is
reported.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CRITERIA", "Criteria"]


@dataclass(frozen=True, slots=True)
class Criteria:
    """Thresholds of quality, search, unmixing and decision; all dimensionless unless a unit is named."""

    # -- quality
    min_snr: float = 8.0  # strongest band over noise; below, weak bands of a drug cannot be told from noise
    saturated_run: int = 4  # equal points at the top that make a clipped scan: a real maximum has one or two
    # [cm^-1] of the judged range that a scan must cover. Of 2,800 usable simulated scans of 200 to 900 cm^-1 whose
    # substance had been left out of the library, 20 were named, all of them narrower than 430.
    min_range: float = 500.0
    max_absorbance: float = 3.0  # [A] above, too little light is left for the height of a band to mean anything
    max_background: float = 30.0  # fluorescence area over band area at which shot noise buries bands

    # Noise of a point over the strongest band, at least: however quiet a scan, no two instruments agree better, and
    # rounded files show no noise at all.
    least_noise: float = 1e-3

    # -- search
    n_candidates: int = 10
    min_overlap: float = 0.6  # part of the scan's judged range that a reference must cover to be named

    # -- unmixing
    max_parts: int = 6
    shortlist: int = 24  # references looked at exactly in each forward step
    tries: int = 2  # of them, how many are tried in full
    min_gain: float = 0.15  # of what is left unexplained, for a component to come in without being significant yet
    band_variation: float = 0.02  # alpha: how much bands vary in height from scan to scan
    table_variation: float = 0.10  # the same for a band table, whose fit leaves a tenth of the signal (median of 59)
    min_evidence: float = 6.0  # [standard deviations] of a component given all others
    min_share: float = 0.02
    baseline_share: float = 0.01  # uncertainty of a share from where the baseline is drawn, one standard deviation
    look_alike_loss: float = 9.0  # a reference that loses less likelihood than this cannot be told apart

    # -- axis correction (spectra.axis_correction)
    # Largest displacement that is believed, and the least that is worth a correction [cm^-1]: what is less is fitted
    # with every component anyway.
    max_axis_error: float = 45.0
    max_axis_shift: float = 15.0  # [cm^-1] mean displacement; an axis that is merely shifted was mislabelled, not bent
    least_axis_error: float = 3.0
    # Part of the scan's structure [1] that a displaced reference accounts for, and how far it is ahead of the best of
    # all other substances and forms, each displaced as suits it best.
    min_axis_agreement: float = 0.90
    min_axis_margin: float = 0.15
    # The same of a material that is stated; tables of bands agree with scans of their materials by 0.78 to 0.87.
    min_standard_agreement: float = 0.70

    # -- decision
    min_explained: float = 0.90  # of the scan's squared slopes, noise taken out
    # Support of a component (spectra.support). In simulated FTIR mixtures of a known and an unknown substance (5 to
    # 30 %), from the 59 references of the development library, 15 % of the wrong components reach 1.8 and 99.8 % of the
    # right ones in complete mixtures; real Raman mixtures lie at 1.4 to 2.7, their stand-ins below 0.95. The second
    # lists what is weak where nothing else is left to name.
    min_support: float = 1.80
    min_listed_support: float = 0.90
    min_listed_support_beside_unknown: float = 1.74
    # A component of this share beside an unknown rest would explain the scan better than it does, if it were that
    # substance: it is a relative of it.
    relative_share: float = 0.80
    height_tolerance: float = 0.10  # of a band: replicates on crystals differ by that much
    max_unexplained: float = 0.12  # of the signal area
    # Of what has the width of bands, left over the whole (spectra.scan_model). In simulated FTIR scans that were fully
    # named 0.09 in 99 of 100 at most (bands varying by 5 %), in measured Raman mixtures 0.094 but for one with 0.13; in
    # mixtures of a known and an unknown substance that all else takes for complete 0.05 to 0.38, the median 0.15.
    max_band_rest: float = 0.095
    # Share of a component over what is left of bands, for it to be listed beside something unknown.
    min_over_rest: float = 2.0
    # Score of a family (spectra.family), at least. In the half of the substances that it was chosen with, the highest
    # score of one that is not of the family was 0.36, and 16 of 22 that are reach 0.45 (docs/decisions/0023).
    min_family_score: float = 0.45
    # The same of what is left once components are taken off, and some of their bands with them: 30 % of an unknown in
    # lactose reached 0.58 for a family that it is not of.
    min_family_score_beside: float = 0.65
    class_confidence: float = 0.5  # of a family hint: not calibrated yet, so no more than a suspicion is claimed
    trace_confidence: float = 0.5  # of a trace: likewise
    # What is taken in although the search for components left it out: evidence [standard deviations], share. Parts that
    # were missed in simulated mixtures had 14.7 to 28; what a relative gained from a badly fitted glass hump was 12.
    plain_evidence: float = 14.0
    plain_share: float = 0.05
    # [standard deviations] of a watched substance beside the components. Clean cuts of the tuner's half (three
    # disturbances, 750 scans) raise 6 false alerts at 4.4 and 3 at 4.7.
    trace_evidence: float = 4.5
    # Squared deviations that a trace accounts for, over what is left beside it (spectra.scan_model). In the measured
    # mixtures of raman_liquids, 10 % of one more solvent added and all solvents watched, 0 gave 9 false alerts in 150
    # scans, 0.1 8 and 0.25 none; 111 of the added were told of instead of 131. Of simulated traces of 1 to 5 % none was
    # lost at 0.5.
    min_over_left: float = 0.25
    # [1] What a trace loses by an instrument that shows it a little otherwise than its reference.
    limit_factor: float = 1.19


CRITERIA = Criteria()
