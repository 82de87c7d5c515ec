"""What is in the scan: a search for mixtures over the whole library.

Forward: the reference that explains most of what is left is taken in, together with what an instrument may do to it
(a small shift, a small broadening), and every earlier choice is reconsidered. It stays when the weighed evidence
(:mod:`spectra.evidence`) speaks for it. Backward: a component whose evidence vanished once others came in is
dropped. Choosing by gain and keeping by evidence matters: alone, no component of a mixture is significant, because
nothing alone explains enough; and gain alone keeps components that a clean scan does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spectra.evidence import Weighed
from spectra.question import Question
from spectra.selection import Selection

__all__ = ["Unmixed", "explain_with", "fit_only", "keep_only", "take_in", "unmix"]

# Part of the scan's squared slopes: a component of a twentieth of the signal leaves about as much.
_WORTH_A_PASS = 0.0025
# Below this similarity two references cannot be mistaken for each other.
_LEAST_LOOK_ALIKE = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Unmixed:
    """The components of a scan.

    Parameters
    ----------
    rows : tuple of int, length n_parts
        References, largest amount first; no two of the same substance and form.
    window : slice
        Points of the axis that the scan and all its components cover.
    weighed : Weighed
        Amounts and evidence over the window; curves in the order of ``rows``.
    explained : float
        [1] Part of the scan's squared slopes that the components account for, noise taken out.
    look_alikes : tuple of tuple of int, length n_parts
        For each component the references that would explain the scan as well.
    pool : tuple of int
        Every reference that was looked at exactly.
    """

    rows: tuple[int, ...]
    window: slice
    weighed: Weighed
    explained: float
    look_alikes: tuple[tuple[int, ...], ...]
    pool: tuple[int, ...]


def unmix(question: Question) -> Unmixed:
    """Find the components of a prepared scan."""
    selection = Selection(question)
    rows = _pruned(_gathered(selection, question), question)
    return _unmixed(rows, selection, question)


def _unmixed(rows: list[int], selection: Selection, question: Question) -> Unmixed:
    amounts = question.weigh(rows).fit.amounts
    rows = [rows[i] for i in np.argsort(-amounts).tolist()]
    return Unmixed(
        tuple(rows),
        question.window(rows),
        question.weigh(rows),
        _explained(selection, rows, question),
        _look_alikes(rows, question, sorted(selection.pool)),
        tuple(sorted(selection.pool)),
    )


def keep_only(rows: list[int], unmixed: Unmixed, question: Question) -> Unmixed:
    """The same scan fitted with a part of the components that were found; the explained part stays that of all."""
    kept = [unmixed.rows.index(row) for row in rows]
    return Unmixed(
        tuple(rows),
        question.window(rows),
        question.weigh(rows),
        unmixed.explained,
        tuple(unmixed.look_alikes[i] for i in kept),
        unmixed.pool,
    )


def take_in(row: int, unmixed: Unmixed, question: Question) -> Unmixed:
    """The same scan fitted with one more of the references that were looked at."""
    return explain_with((*unmixed.rows, row), unmixed, question)


def explain_with(rows: tuple[int, ...], unmixed: Unmixed, question: Question) -> Unmixed:
    """The same scan explained by these of the references that were looked at, and no others."""
    selection = Selection(question)
    selection.pool.update(unmixed.pool)
    return _unmixed(list(rows), selection, question)


def fit_only(rows: list[int], question: Question) -> Unmixed:
    """The scan fitted with references that somebody else has chosen, in their order; no look-alikes are looked for."""
    selection = Selection(question)
    return Unmixed(
        tuple(rows),
        question.window(rows),
        question.weigh(rows),
        _explained(selection, rows, question),
        tuple(() for _ in rows),
        tuple(rows),
    )


def _gathered(selection: Selection, question: Question) -> list[int]:
    """Components by gain alone, until what is left is small and nothing in it is significant any more."""
    criteria = question.criteria
    rows: list[int] = []
    while len(rows) < criteria.max_parts:
        best = _one_more(rows, selection, question)
        if best is None and _leaves_something(rows, selection, question) and selection.widen(rows):
            best = _one_more(rows, selection, question)
        if best is None:
            break
        rows = best
    return rows


def _leaves_something(rows: list[int], selection: Selection, question: Question) -> bool:
    """True where enough is left of the scan for a whole pass over a large library."""
    return 1.0 - _explained(selection, rows, question) >= _WORTH_A_PASS


def _one_more(rows: list[int], selection: Selection, question: Question) -> list[int] | None:
    """The components with the one that explains most beside them, or None where that is too little."""
    criteria = question.criteria
    best: list[int] = []
    for row in selection.promising(rows, criteria.shortlist):
        trial = selection.reconsidered([*rows, row])
        if not best or selection.explained(trial) > selection.explained(best):
            best = trial
    if not best:
        return None
    total = float((selection.scan**2).sum())
    left, then = (total - selection.explained(some) for some in (rows, best))
    if left - then < criteria.min_gain * left and _newcomers_evidence(rows, best, question) < criteria.min_evidence:
        return None
    return best


def _newcomers_evidence(rows: list[int], best: list[int], question: Question) -> float:
    """Least evidence [standard deviations] of the components that came in, each beside the others."""
    window, found = question.window(best), []
    for row in set(best) - set(rows):
        others = [other for other in best if other != row]
        found.append(float(question.fit(others, window).ask(question.curves([row], window))[0][0]))
    return min(found, default=0.0)


def _pruned(rows: list[int], question: Question) -> list[int]:
    """Drop the weakest component as long as one lacks evidence or share."""
    criteria = question.criteria
    while rows:
        weighed = question.weigh(rows)
        amounts = np.clip(weighed.fit.amounts, 0, None)
        shares = amounts / max(float(amounts.sum()), 1e-30)
        weak = (weighed.z < criteria.min_evidence) | (shares < criteria.min_share)
        if not weak.any():
            break
        worst = int(np.argmin(np.where(weak, weighed.z, np.inf)))
        rows = rows[:worst] + rows[worst + 1 :]
    return rows


def _explained(selection: Selection, rows: list[int], question: Question) -> float:
    ready = question.ready
    total = float((selection.scan**2).sum())
    noise = question.sigma**2 * ready.recipe.slope_noise * (ready.stop - ready.first)
    left = max(total - selection.explained(rows) - noise, 0.0)
    return 1.0 - left / (total - noise) if total > noise else 0.0


def _look_alikes(rows: list[int], question: Question, pool: list[int]) -> tuple[tuple[int, ...], ...]:
    """For each component the pooled references that could stand in its place without the fit getting worse."""
    window = question.window(rows)
    groups: list[tuple[int, ...]] = []
    for i, row in enumerate(rows):
        similar = question.references.features[pool] @ question.references.features[row] > _LEAST_LOOK_ALIKE
        asked = [row, *(other for other, close in zip(pool, similar, strict=True) if close and other not in rows)]
        if len(asked) == 1:
            groups.append(())
            continue
        z, _ = question.fit(rows[:i] + rows[i + 1 :], window).ask(question.curves(asked, window))
        loss = z[0] ** 2 - np.sign(z[1:]) * z[1:] ** 2
        close = np.flatnonzero(loss < question.criteria.look_alike_loss)
        groups.append(tuple(asked[k + 1] for k in close.tolist()))
    return tuple(groups)
