"""From records to figures: each a count out of a count; nothing here knows how it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reachback.validation.proportions import Proportion
from reachback.validation.records import Record
from reachback.validation.trials import TRACE_SHARES

__all__ = [
    "Confusion",
    "Detection",
    "Figures",
    "FoundParts",
    "Limits",
    "Naming",
    "PartlyKnown",
    "Refusal",
    "Reliability",
    "figures_of",
    "reliability_of",
]

Key = TypeVar("Key", str, int)

_BINS = 10
_MOST_CONFUSIONS = 30


@dataclass(frozen=True, slots=True)
class Naming:
    """Pure substances of the library: named right, named wrong, refused; the three add up.

    ``listed_wrong`` counts refusals that nevertheless list a component that is not there.
    """

    disturbance: str
    right: Proportion
    wrong: Proportion
    refused: Proportion
    listed_wrong: Proportion


@dataclass(frozen=True, slots=True)
class FoundParts:
    """Mixtures of one size: true substances listed, listed substances true, sets exact and called complete."""

    disturbance: str
    size: int
    recall: Proportion
    precision: Proportion
    exact: Proportion


@dataclass(frozen=True, slots=True)
class Detection:
    """A watched substance in cuts: seen itself; seen, or its family indicated; any alert at all."""

    disturbance: str
    share: float
    itself: Proportion
    family: Proportion
    any_alert: Proportion


@dataclass(frozen=True, slots=True)
class Limits:
    """Scans spiked at their own printed limit: seen, in all and for each substance; its median limit [1]."""

    disturbance: str
    detected: Proportion
    by_substance: tuple[tuple[str, Proportion, float], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Substances that the library does not hold.

    ``refused`` lists nothing; ``named`` calls the scan accounted for; the rest lists a part. ``alarms`` and
    ``indications`` count scans. ``families`` counts, over scans of watched substances, the family hints given: right,
    wrong (another family than the library's word for it), none.
    """

    disturbance: str
    substances: int
    refused: Proportion
    named: Proportion
    listed: Proportion
    alarms: Proportion
    indications_unwatched: Proportion
    family_right: Proportion
    family_wrong: Proportion


@dataclass(frozen=True, slots=True)
class PartlyKnown:
    """Mixtures of a known substance and one that the library does not hold.

    ``complete`` was called accounted for, which is wrong; ``found`` lists the known part; ``true`` counts the listed
    components that are in the sample.
    """

    disturbance: str
    complete: Proportion
    found: Proportion
    true: Proportion
    false_alerts: Proportion


@dataclass(frozen=True, slots=True)
class Reliability:
    """Bins of stated confidence: mean stated, and how many components were right; the expected error [1]."""

    bins: tuple[tuple[float, Proportion], ...]
    error: float | None

    @property
    def components(self) -> int:
        """How many components are behind it."""
        return sum(found.of for _, found in self.bins)


@dataclass(frozen=True, slots=True)
class Confusion:
    """A substance that was taken for another."""

    truth: str
    named: str
    times: int
    of: int
    in_library: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one technique on one kind of data, simulated or measured.

    ``reliability_beside_unknown`` is that of the partly known mixtures alone, which the many easy scans would hide;
    ``not_right`` counts, for pure substances of the library that were not always named right, how often they were.
    """

    naming: tuple[Naming, ...]
    mixtures: tuple[FoundParts, ...]
    clean: tuple[tuple[str, Proportion], ...]
    detection: tuple[Detection, ...]
    limits: tuple[Limits, ...]
    left_out: tuple[Refusal, ...]
    foreign: tuple[Refusal, ...]
    partly: tuple[PartlyKnown, ...]
    reliability: Reliability
    reliability_beside_unknown: Reliability
    confusions: tuple[Confusion, ...]
    not_right: tuple[tuple[str, Proportion], ...]
    scans: int


def figures_of(records: Sequence[Record]) -> Figures:
    """Compute every figure that the records allow; what was not tried is left out."""
    cases = [record for record in records if record.panel == "case"]
    known = [r for r in cases if r.known]
    pure = [r for r in records if r.panel == "pure"] + [r for r in known if len(r.truth) == 1]
    mixed = [r for r in records if r.panel == "mixture"] + [r for r in known if len(r.truth) > 1]
    foreign = [r for r in records if r.panel == "foreign"] + [r for r in cases if not r.known and len(r.truth) == 1]
    left_out = [r for r in records if r.panel == "left_out"]
    partly = [r for r in records if r.panel == "partly"] + [r for r in cases if not r.known and len(r.truth) > 1]
    # Those that stand for what a desk meets: pure, mixed, cut, unknown. Traces far below any limit would flood it.
    weighed = [r for r in records if r.panel not in ("trace", "limit")]
    return Figures(
        naming=tuple(_naming(level, found) for level, found in _by_level(pure)),
        mixtures=tuple(
            _found_parts(level, size, sized)
            for level, found in _by_level(mixed)
            for size, sized in _grouped(found, lambda r: len(r.truth))
        ),
        clean=tuple(
            (level, _count(found, lambda r: bool(r.alerts)))
            for level, found in _by_level([r for r in records if r.panel == "clean"])
        ),
        detection=tuple(
            _detection(level, share, [r for r in found if r.target_share == share])
            for level, found in _by_level([r for r in records if r.panel == "trace"])
            for share in TRACE_SHARES
        ),
        limits=tuple(_limits(level, found) for level, found in _by_level([r for r in records if r.panel == "limit"])),
        left_out=tuple(_refusal(level, found) for level, found in _by_level(left_out)),
        foreign=tuple(_refusal(level, found) for level, found in _by_level(foreign)),
        partly=tuple(_partly(level, found) for level, found in _by_level(partly)),
        reliability=reliability_of(weighed),
        reliability_beside_unknown=reliability_of(partly),
        confusions=_confusions([*pure, *left_out, *foreign]),
        not_right=_not_right(pure),
        scans=len(records),
    )


def _by_level(records: Sequence[Record]) -> list[tuple[str, list[Record]]]:
    return _grouped(records, lambda record: record.disturbance)


def _grouped(records: Sequence[Record], key: Callable[[Record], Key]) -> list[tuple[Key, list[Record]]]:
    groups: dict[Key, list[Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return sorted(groups.items(), key=lambda group: group[0])


def _count(records: Sequence[Record], wanted: Callable[[Record], bool]) -> Proportion:
    return Proportion(sum(map(wanted, records)), len(records))


def _naming(level: str, records: Sequence[Record]) -> Naming:
    wrong = _count(records, lambda r: r.is_named and not r.is_exact)
    right = _count(records, lambda r: r.is_exact)
    return Naming(
        level,
        right,
        wrong,
        Proportion(len(records) - right.hits - wrong.hits, len(records)),
        _count(records, lambda r: not r.is_named and bool(r.wrong_components)),
    )


def _found_parts(level: str, size: int, records: Sequence[Record]) -> FoundParts:
    listed = sum(len(r.components) for r in records)
    return FoundParts(
        level,
        size,
        Proportion(sum(r.found for r in records), sum(len(r.truth) for r in records)),
        Proportion(listed - sum(len(r.wrong_components) for r in records), listed),
        _count(records, lambda r: r.is_exact),
    )


def _detection(level: str, share: float, records: Sequence[Record]) -> Detection:
    return Detection(
        level,
        share,
        _count(records, lambda r: bool(r.detected)),
        _count(records, _is_family_seen),
        _count(records, lambda r: bool(r.alerts)),
    )


def _is_family_seen(record: Record) -> bool:
    # The family of a trace is that of the alert's own substance, so a wrong relative still sends the scan on.
    return bool(record.detected) or any(raised.family == record.family for raised in record.alerts)


def _limits(level: str, records: Sequence[Record]) -> Limits:
    by_substance = []
    for name, found in _grouped(records, lambda r: r.target or ""):
        shares = sorted(r.target_share or 0.0 for r in found)
        by_substance.append((name, _count(found, lambda r: bool(r.detected)), shares[len(shares) // 2]))
    return Limits(level, _count(records, lambda r: bool(r.detected)), tuple(by_substance))


def _refusal(level: str, records: Sequence[Record]) -> Refusal:
    watched = [r for r in records if r.watched_truth]
    unwatched = [r for r in records if not r.watched_truth]
    named = _count(records, lambda r: r.is_named)
    refused = _count(records, lambda r: not r.is_named and not r.components)
    return Refusal(
        disturbance=level,
        substances=len({r.truth for r in records}),
        refused=refused,
        named=named,
        listed=Proportion(len(records) - named.hits - refused.hits, len(records)),
        alarms=_count(records, lambda r: any(raised.alarm for raised in r.alerts)),
        indications_unwatched=_count(unwatched, lambda r: bool(r.alerts)),
        family_right=_count(watched, lambda r: r.class_hint is not None and r.class_hint == r.family),
        family_wrong=_count(watched, lambda r: r.class_hint is not None and r.class_hint != r.family),
    )


def _partly(level: str, records: Sequence[Record]) -> PartlyKnown:
    listed = sum(len(r.components) for r in records)
    unwatched = [r for r in records if not r.watched_truth]
    return PartlyKnown(
        level,
        _count(records, lambda r: r.is_named),
        _count(records, lambda r: r.found > 0),
        Proportion(listed - sum(len(r.wrong_components) for r in records), listed),
        _count(unwatched, lambda r: bool(r.alerts)),
    )


def reliability_of(records: Iterable[Record]) -> Reliability:
    """Ten bins of equal width over the confidence of every component listed (Guo et al. 2017, expected error)."""
    stated: list[list[float]] = [[] for _ in range(_BINS)]
    right = [0] * _BINS
    for record in records:
        for named in record.components:
            place = min(int(named.confidence * _BINS), _BINS - 1)
            stated[place].append(named.confidence)
            right[place] += named.is_one_of(record.truth)
    total = sum(map(len, stated))
    bins = [
        (sum(values) / len(values), Proportion(hits, len(values)))
        for values, hits in zip(stated, right, strict=True)
        if values
    ]
    error = sum(abs(mean - found.hits / found.of) * found.of for mean, found in bins) / total if total else None
    return Reliability(tuple(bins), error)


def _not_right(records: Sequence[Record]) -> tuple[tuple[str, Proportion], ...]:
    by_substance = [(name, _count(found, lambda r: r.is_exact)) for name, found in _grouped(records, _first_truth)]
    return tuple((name, right) for name, right in by_substance if right.hits < right.of)


def _first_truth(record: Record) -> str:
    return record.truth[0]


def _confusions(records: Sequence[Record]) -> tuple[Confusion, ...]:
    """Who was listed instead of whom where one substance was scanned alone, most often first."""
    tried = Counter((r.truth[0], r.known) for r in records)
    taken = Counter((r.truth[0], named.substance, r.known) for r in records for named in r.wrong_components)
    return tuple(
        Confusion(truth, named, times, tried[truth, known], known)
        for (truth, named, known), times in taken.most_common(_MOST_CONFUSIONS)
    )
