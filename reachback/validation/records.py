"""What came of one scan, reduced to what the figures need."""

from __future__ import annotations

from dataclasses import dataclass

from spectra.verdict import AlertLevel, Identification, Outcome

__all__ = ["Named", "Raised", "Record", "record_of"]


@dataclass(frozen=True, slots=True)
class Named:
    """A component that the verdict lists, with all it could not be told from."""

    substance: str
    alike: tuple[str, ...]
    confidence: float

    def is_one_of(self, truth: tuple[str, ...]) -> bool:
        """True where the component, or one it is said to be indistinguishable from, is in the sample."""
        known = {name.casefold() for name in truth}
        return any(name.casefold() in known for name in (self.substance, *self.alike))


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert: substance (None for a family alone), family, level."""

    substance: str | None
    family: str
    alarm: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class Record:
    """One scan judged.

    Parameters
    ----------
    panel : str
        A simulated panel, or ``case`` for a measured scan.
    disturbance : str
        Name of the level; empty for a measured scan.
    truth : tuple of str
        Substances in the sample, the target last where there is one.
    known : bool
        True where the library holds all of them.
    target, target_share :
        The watched substance that was added, and its share [1].
    watched_truth : bool
        True where a substance of the sample is on the watch list.
    family : str or None
        Class of the (first) true substance.
    file : str
        The measured scan's file.
    """

    panel: str
    disturbance: str
    truth: tuple[str, ...]
    known: bool
    outcome: Outcome
    tentative: bool
    components: tuple[Named, ...]
    alerts: tuple[Raised, ...]
    class_hint: str | None
    detected: bool | None = None
    target: str | None = None
    target_share: float | None = None
    watched_truth: bool = False
    family: str | None = None
    file: str = ""
    best_candidate: str | None = None

    @property
    def is_named(self) -> bool:
        """True where the scan is said to be accounted for."""
        return self.outcome in (Outcome.MATCH, Outcome.MIXTURE)

    @property
    def wrong_components(self) -> tuple[Named, ...]:
        """Components that are not in the sample."""
        return tuple(named for named in self.components if not named.is_one_of(self.truth))

    @property
    def found(self) -> int:
        """How many of the true substances are listed."""
        return sum(any(named.is_one_of((name,)) for named in self.components) for name in self.truth)

    @property
    def is_exact(self) -> bool:
        """True where the scan is called accounted for, and by exactly what is in it."""
        return self.is_named and not self.wrong_components and self.found == len(self.truth) == len(self.components)


def record_of(
    verdict: Identification,
    *,
    panel: str,
    truth: tuple[str, ...],
    known: bool,
    disturbance: str = "",
    target: str | None = None,
    target_share: float | None = None,
    watched_truth: bool = False,
    family: str | None = None,
    file: str = "",
) -> Record:
    """Reduce a verdict."""
    seen = {entry.substance: entry.detected for entry in verdict.targets}
    return Record(
        panel=panel,
        disturbance=disturbance,
        truth=truth,
        known=known,
        outcome=verdict.outcome,
        tentative=verdict.tentative,
        components=tuple(Named(c.substance, c.indistinguishable_from, c.confidence) for c in verdict.components),
        alerts=tuple(Raised(a.substance, a.group, a.level is AlertLevel.ALARM, a.confidence) for a in verdict.alerts),
        class_hint=verdict.class_hint,
        detected=seen.get(target, False) if target is not None else None,
        target=target,
        target_share=target_share,
        watched_truth=watched_truth,
        family=family,
        file=file,
        best_candidate=verdict.candidates[0].substance if verdict.candidates else None,
    )
