"""What the judge tries: the plan of simulated scans, drawn from one seed, before anything is run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from spectra.reference import ReferenceEntry

__all__ = ["CUTS", "FULL", "NOTHING", "QUICK", "Amount", "Half", "Panel", "Trial", "choose_cuts", "is_judged", "plan"]

# Common cuts of street drugs, in which traces are looked for; where a library has fewer than two of them, its own
# unwatched substances take their place.
CUTS = ("mannitol", "lactose", "caffeine", "paracetamol", "sucrose")
TRACE_SHARES = (0.10, 0.05, 0.02, 0.01, 0.001)
_MOST_CUTS = 6
_LEAST_PART = 0.10
_LARGEST_MIXTURE = 6
_MOST_SUBSTANCES = 120  # judged of a large library: a seeded sample


class Half(StrEnum):
    """Which substances are judged: those whose name hashes to an even or odd number, or all of them."""

    ALL = "all"
    EVEN = "even"
    ODD = "odd"


class Panel(StrEnum):
    """Kinds of simulated scans."""

    PURE = "pure"
    MIXTURE = "mixture"
    CLEAN = "clean"
    TRACE = "trace"
    LIMIT = "limit"
    LEFT_OUT = "left_out"
    PARTLY = "partly"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Amount:
    """How many scans of each kind and level.

    For each substance (``pure``, ``traces``, ``spikes``, ``left_out``: also partly left out and foreign), each size
    (``mixtures``) or in all (``clean``).
    """

    pure: int
    mixtures: int
    clean: int
    traces: int
    spikes: int
    left_out: int


NOTHING = Amount(pure=0, mixtures=0, clean=0, traces=0, spikes=0, left_out=0)
QUICK = Amount(pure=1, mixtures=40, clean=200, traces=1, spikes=8, left_out=1)
FULL = Amount(pure=4, mixtures=100, clean=500, traces=2, spikes=40, left_out=3)


@dataclass(frozen=True, slots=True)
class Trial:
    """One simulated scan to be judged.

    Parameters
    ----------
    panel : Panel
    disturbance : str
        Name of the level.
    references : tuple of int
        Rows of the library that are mixed; of the case folder for a foreign substance.
    shares : tuple of float
        [1] Their shares of the signal; they sum to 1 without ``target``.
    seed : tuple of int
    target : int or None
        Row of the watched reference that is added.
    target_share : float or None
        [1] Its share.
    """

    panel: Panel
    disturbance: str
    references: tuple[int, ...]
    shares: tuple[float, ...]
    seed: tuple[int, ...]
    target: int | None = None
    target_share: float | None = None


def is_judged(substance: str, half: Half) -> bool:
    """Is this substance in the half that is judged? Its name alone decides, so every release splits alike."""
    if half is Half.ALL:
        return True
    even = hashlib.sha256(substance.casefold().encode()).digest()[0] % 2 == 0
    return even is (half is Half.EVEN)


def choose_cuts(entries: Sequence[ReferenceEntry]) -> tuple[int, ...]:
    """Rows of the cuts: the common ones, else unwatched substances, one reference of each substance."""
    first: dict[str, int] = {}
    for row, entry in enumerate(entries):
        if not entry.watch and not entry.is_packaging:
            first.setdefault(entry.substance.casefold(), row)
    common = tuple(first[name] for name in CUTS if name in first)
    return common if len(common) > 1 else tuple(first.values())[:_MOST_CUTS]


def plan(entries: Sequence[ReferenceEntry], n_foreign: int, amount: Amount, half: Half, seed: int) -> tuple[Trial, ...]:
    """Every simulated scan of one technique, the same for the same arguments.

    Parameters
    ----------
    entries : sequence of ReferenceEntry, length n_refs
    n_foreign : int
        Substances of the case folder that the library does not hold, to be disturbed as further negatives.
    """
    rng = np.random.default_rng((seed, 1))
    # Packaging is set aside and never named, so naming it is nothing to be judged by.
    judged = [row for row, e in enumerate(entries) if is_judged(e.substance, half) and not e.is_packaging]
    if len(judged) > _MOST_SUBSTANCES:
        judged = sorted(rng.choice(judged, _MOST_SUBSTANCES, replace=False).tolist())
    drawn = [
        *_alone(Panel.PURE, judged, amount.pure),
        *_mixtures(entries, judged, amount.mixtures, rng),
        *_clean(entries, amount.clean, rng),
        *_traces(entries, judged, amount.traces, rng),
        *_limits(entries, amount.spikes, rng),
        *_alone(Panel.LEFT_OUT, judged, amount.left_out),
        *_partly(entries, judged, amount.left_out, rng),
        *_alone(Panel.FOREIGN, range(n_foreign), amount.left_out),
    ]
    return tuple(
        Trial(panel, level, rows, shares, (seed, 2, number), target, share)
        for number, (panel, level, rows, shares, target, share) in enumerate(drawn)
    )


_Drawn = tuple[Panel, str, tuple[int, ...], tuple[float, ...], int | None, float | None]


def _alone(panel: Panel, rows: Sequence[int], times: int) -> Iterator[_Drawn]:
    for level in ("I", "II"):
        for row in rows:
            for _ in range(times):
                yield panel, level, (row,), (1.0,), None, None


def _mixtures(
    entries: Sequence[ReferenceEntry], judged: Sequence[int], times: int, rng: np.random.Generator
) -> Iterator[_Drawn]:
    """Random sets of different substances of the judged half, each at least a tenth of the signal."""
    by_substance: dict[str, list[int]] = {}
    for row in judged:
        by_substance.setdefault(entries[row].substance, []).append(row)
    names = list(by_substance)
    for level in ("I", "II"):
        for size in range(2, min(_LARGEST_MIXTURE, len(names)) + 1):
            for _ in range(times):
                chosen = [names[i] for i in rng.choice(len(names), size, replace=False)]
                rows = tuple(int(rng.choice(by_substance[name])) for name in chosen)
                shares = _LEAST_PART + (1 - size * _LEAST_PART) * rng.dirichlet(np.ones(size))
                yield Panel.MIXTURE, level, rows, tuple(shares.tolist()), None, None


def _partly(
    entries: Sequence[ReferenceEntry], judged: Sequence[int], times: int, rng: np.random.Generator
) -> Iterator[_Drawn]:
    """Each judged substance, unknown to the library, mixed with a known one: where wrong components come from."""
    for level in ("I", "II"):
        for row in judged:
            name = entries[row].substance
            others = [o for o, entry in enumerate(entries) if entry.substance != name and not entry.is_packaging]
            for _ in range(times if others else 0):
                part = float(rng.uniform(0.1, 0.9))
                yield Panel.PARTLY, level, (row, int(rng.choice(others))), (part, 1 - part), None, None


def _bed(cuts: tuple[int, ...], rng: np.random.Generator) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """A cut, or a pair of two cuts with at least a fifth of each."""
    if len(cuts) < 2 or rng.uniform() < 1 / 3:
        return (int(rng.choice(cuts)),), (1.0,)
    pair = tuple(int(row) for row in rng.choice(cuts, 2, replace=False))
    part = float(rng.uniform(0.2, 0.8))
    return pair, (part, 1 - part)


def _clean(entries: Sequence[ReferenceEntry], times: int, rng: np.random.Generator) -> Iterator[_Drawn]:
    cuts = choose_cuts(entries)
    for level in ("I", "II", "IIb"):
        for _ in range(times if cuts else 0):
            yield Panel.CLEAN, level, *_bed(cuts, rng), None, None


def _traces(
    entries: Sequence[ReferenceEntry], judged: Sequence[int], times: int, rng: np.random.Generator
) -> Iterator[_Drawn]:
    cuts = choose_cuts(entries)
    watched = [row for row in judged if entries[row].watch and cuts]
    for level in ("I", "II", "IIb"):
        for share in TRACE_SHARES:
            for row in watched:
                for _ in range(times):
                    yield Panel.TRACE, level, *_bed(cuts, rng), row, share


def _limits(entries: Sequence[ReferenceEntry], times: int, rng: np.random.Generator) -> Iterator[_Drawn]:
    """Clean scans; the bench adds each watched substance at the limit that the scan itself prints."""
    cuts = choose_cuts(entries)
    for _ in range(times if cuts else 0):
        yield Panel.LIMIT, "II", *_bed(cuts, rng), None, None
