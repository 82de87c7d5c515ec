"""What is said of the watch list: alerts for what is indicated, limits for what is not seen."""

from __future__ import annotations

from spectra.criteria import Criteria
from spectra.decision import Decision
from spectra.detect import Trace
from spectra.reference import ReferenceSet
from spectra.verdict import Alert, AlertLevel, Component, Target

__all__ = ["list_targets", "raise_alerts"]

# A watched substance whose class the library does not give.
_NO_CLASS = "watched substance"


def raise_alerts(
    decision: Decision,
    components: list[Component],
    traces: tuple[Trace, ...],
    references: ReferenceSet,
    criteria: Criteria,
) -> tuple[Alert, ...]:
    """One alert for each watched substance that is listed, or seen beside components that account for the rest."""
    groups = {entry.substance: entry.substance_class or _NO_CLASS for entry in references.watched_entries}
    # Which of several look-alikes is named is chance: a watched one is indicated as long as it cannot be told apart.
    alerts = [
        Alert(AlertLevel.INDICATION, groups[name], name, c.share, c.confidence)
        for c in components
        for name in (c.substance, *c.indistinguishable_from)
        if name in groups
    ]
    families = {entry.substance_class for entry in references.watched_entries}
    if decision.class_hint in families and decision.class_hint is not None:
        alerts.append(Alert(AlertLevel.INDICATION, decision.class_hint, None, None, criteria.class_confidence))
    # Beside an unknown rest, anything fits a little: traces are claimed only where the components explain enough.
    for trace in _traces_seen(components, traces, references) if decision.explains_enough else ():
        entry = references.entries[trace.row]
        alerts.append(
            Alert(
                AlertLevel.INDICATION,
                entry.substance_class or _NO_CLASS,
                entry.substance,
                min(trace.share, 1.0),
                criteria.trace_confidence,
            )
        )
    return tuple(alerts)


def _traces_seen(components: list[Component], traces: tuple[Trace, ...], references: ReferenceSet) -> list[Trace]:
    """The strongest trace, if it is significant; others that share its bands would only repeat it."""
    named = {component.substance for component in components}
    seen = [t for t in traces if t.is_seen and references.entries[t.row].substance not in named]
    return sorted(seen, key=lambda trace: -trace.z)[:1]


def list_targets(
    components: list[Component], alerts: tuple[Alert, ...], traces: tuple[Trace, ...], references: ReferenceSet
) -> tuple[Target, ...]:
    """Every watched substance of the library: seen, or the least share at which it would have been."""
    seen = {c.substance for c in components} | {alert.substance for alert in alerts}
    limits: dict[str, float | None] = {}
    for trace in traces:
        name = references.entries[trace.row].substance
        known = [limit for limit in (limits.get(name), trace.limit_share) if limit is not None]
        limits[name] = min(known) if known else None
    watched = sorted({entry.substance for entry in references.watched_entries})
    return tuple(Target(name, name in seen, None if name in seen else limits.get(name)) for name in watched)
