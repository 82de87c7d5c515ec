"""Calibrate a large library on all cores: the simulated scans go to processes, their scores come back in order.

The scans are drawn before any of them is fitted (`spectra.tuning`), and every process fits with one thread: the
calibration is the same, bit for bit, whatever the number of cores.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from library.compile_chunks import in_processes, processes_for
from spectra.calibration import Calibration
from spectra.criteria import Criteria
from spectra.reference import ReferenceSet
from spectra.tuning import Scores, Trial, calibrate, fit_trial, fit_trials

__all__ = ["calibrate_on_all_cores"]

MATRICES = ("curves", "features")

_lent: list[tuple[ReferenceSet, Criteria]] = []  # in a process of the pool: what its first step opened


def calibrate_on_all_cores(
    references: ReferenceSet, date: str, progress: Callable[[int, int], None] = lambda done, of: None
) -> Calibration:
    """As `calibrate`, with the same result.

    Parameters
    ----------
    references : ReferenceSet
    date : str
        ISO 8601 day to record.
    progress : callable
        Called with the number of simulated references done and of all.
    """
    return calibrate(references, date, progress=progress, fit_all=_fit_on_all_cores)


def _fit_on_all_cores(
    trials: Sequence[Sequence[Trial]], references: ReferenceSet, criteria: Criteria
) -> Iterable[Scores]:
    processes = processes_for(references.n_refs)
    if processes == 1:
        return fit_trials(trials, references, criteria)
    return _fit_in_processes(trials, references, criteria, processes)


def _fit_in_processes(
    trials: Sequence[Sequence[Trial]], references: ReferenceSet, criteria: Criteria, processes: int
) -> Iterator[Scores]:
    # Files that all processes map stand in memory once; sent to each of them, the matrices would stand there often.
    with tempfile.TemporaryDirectory(prefix="reachback-calibrating-", ignore_cleanup_errors=True) as place:
        try:
            _lend(references, criteria, Path(place))
        except OSError:  # no room for them: the same result, only later
            yield from fit_trials(trials, references, criteria)
            return
        yield from in_processes(_fit_lent, iter(trials), processes, first=(_open_lent, (place,)))


def _lend(references: ReferenceSet, criteria: Criteria, place: Path) -> None:
    for what in MATRICES:
        np.save(place / f"{what}.npy", getattr(references, what), allow_pickle=False)
    rest = (
        references.technique,
        references.axis,
        references.coverage,
        references.entries,
        references.recipe,
        criteria,
    )
    (place / "rest.pickle").write_bytes(pickle.dumps(rest))


def _open_lent(place: str) -> None:
    folder = Path(place)
    # Written a moment ago by the process that started this one, in a folder that only its user may enter.
    technique, axis, coverage, entries, recipe, criteria = pickle.loads((folder / "rest.pickle").read_bytes())  # noqa: S301
    curves, features = (np.load(folder / f"{what}.npy", mmap_mode="r", allow_pickle=False) for what in MATRICES)
    _lent[:] = [(ReferenceSet(technique, axis, curves, features, coverage, entries, recipe), criteria)]


def _fit_lent(trials: Sequence[Trial]) -> Scores:
    references, criteria = _lent[0]
    return fit_trial(trials, references, criteria)
