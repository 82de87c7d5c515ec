"""Where trials are run: one library of one technique, its pure substances, and foreign ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from reachback.validation.instruments import DISTURBANCES
from reachback.validation.records import Record, record_of
from reachback.validation.samples import Part, Pure, mix, pure_from_compiled, pure_from_spectrum
from reachback.validation.trials import Panel, Trial
from spectra.calibration import Calibration
from spectra.errors import SpectraError
from spectra.identify import identify
from spectra.reference import Reference, ReferenceSet
from spectra.verdict import Identification

__all__ = ["Bench"]


class Bench:
    """Simulate trials, identify them, and reduce each verdict to a record.

    Parameters
    ----------
    references : ReferenceSet
    calibration : Calibration
    measured : mapping of str to Reference
        The library's references as they were measured, by id; without them the compiled curves are mixed.
    foreign : sequence of Reference
        Substances that the library does not hold.
    """

    def __init__(
        self,
        references: ReferenceSet,
        calibration: Calibration,
        measured: Mapping[str, Reference],
        foreign: Sequence[Reference] = (),
    ) -> None:
        self._references, self._calibration = references, calibration
        self._measured, self._foreign = measured, foreign
        self._pures: dict[int, Pure | None] = {}
        self._without: tuple[str, ReferenceSet] | None = None

    def run(self, trial: Trial) -> list[Record]:
        """Records of a trial: one, or one for each spike; none where the sample cannot be simulated."""
        if trial.panel is Panel.LIMIT:
            return list(self._spiked(trial))
        record = self._judge(trial)
        return [record] if record else []

    def _judge(self, trial: Trial) -> Record | None:
        left_out = trial.panel in (Panel.LEFT_OUT, Panel.PARTLY)
        truth = self._truth(trial)
        references = self._without_substance(truth[0]) if left_out else self._references
        verdict = self._identified(trial, references)
        if verdict is None:
            return None
        entries = self._references.entries
        first = (
            self._foreign[trial.references[0]].entry if trial.panel is Panel.FOREIGN else entries[trial.references[0]]
        )
        rows = [] if trial.panel is Panel.FOREIGN else [*trial.references, *self._target(trial)]
        return record_of(
            verdict,
            panel=trial.panel.value,
            disturbance=trial.disturbance,
            truth=truth,
            known=not left_out and trial.panel is not Panel.FOREIGN,
            target=entries[trial.target].substance if trial.target is not None else None,
            target_share=trial.target_share,
            watched_truth=first.watch or any(entries[row].watch for row in rows),
            family=first.substance_class,
        )

    def _spiked(self, trial: Trial) -> Iterator[Record]:
        """The same clean scan, once with each watched substance at the limit that it printed for it."""
        verdict = self._identified(trial, self._references)
        if verdict is None:
            return
        limits = {target.substance: target.limit_share for target in verdict.targets if not target.detected}
        for row, entry in enumerate(self._references.entries):
            limit = limits.pop(entry.substance, None) if entry.watch else None
            if limit is not None and self._pure(row) is not None:
                record = self._judge(replace(trial, target=row, target_share=limit))
                if record:
                    yield record

    def _identified(self, trial: Trial, references: ReferenceSet) -> Identification | None:
        parts = self._parts(trial)
        if parts is None:
            return None
        variation = DISTURBANCES[trial.disturbance].band_variation
        extra = 0 if trial.target is None else 1
        try:
            scan = mix(parts, references.technique, variation, trial.seed, extra=extra)
            return identify(scan, references, self._calibration) if scan else None
        except SpectraError:  # the sample shares too little of the axis with the library: nothing to judge
            return None

    def _parts(self, trial: Trial) -> list[Part] | None:
        if trial.panel is Panel.FOREIGN:
            reference = self._foreign[trial.references[0]]
            foreign = pure_from_spectrum(reference.entry, reference.spectrum)
            return [Part(foreign, 1.0)] if foreign else None
        rows = [*trial.references, *self._target(trial)]
        shares = [*trial.shares, *([trial.target_share] if trial.target_share is not None else [])]
        pures = [self._pure(row) for row in rows]
        parts = [Part(pure, share) for pure, share in zip(pures, shares, strict=True) if pure is not None]
        return parts if len(parts) == len(rows) else None

    @staticmethod
    def _target(trial: Trial) -> tuple[int, ...]:
        return () if trial.target is None else (trial.target,)

    def _truth(self, trial: Trial) -> tuple[str, ...]:
        if trial.panel is Panel.FOREIGN:
            return (self._foreign[trial.references[0]].entry.substance,)
        rows = (*trial.references, *self._target(trial))
        return tuple(self._references.entries[row].substance for row in rows)

    def _pure(self, row: int) -> Pure | None:
        if row not in self._pures:
            measured = self._measured.get(self._references.entries[row].id)
            self._pures[row] = (
                pure_from_spectrum(measured.entry, measured.spectrum)
                if measured
                else pure_from_compiled(self._references, row)
            )
        return self._pures[row]

    def _without_substance(self, substance: str) -> ReferenceSet:
        """The library without any reference of a substance; the last one is kept, trials of one come together."""
        if self._without is None or self._without[0] != substance:
            whole = self._references
            kept = np.array([entry.substance != substance for entry in whole.entries])
            entries = tuple(entry for entry, keep in zip(whole.entries, kept, strict=True) if keep)
            rest = ReferenceSet(
                whole.technique,
                whole.axis,
                whole.curves[kept],
                whole.features[kept],
                whole.coverage[kept],
                entries,
                whole.recipe,
            )
            self._without = (substance, rest)
        return self._without[1]
