"""Alerts of one exhibit: an alert by any scan or strip is an alert of the whole, and nothing lowers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spectra.fusion import FusedAlert
from spectra.fusion_words import technique_name
from spectra.strips import StripReading, StripResult, plain_name, target_of
from spectra.verdict import AlertLevel, Identification

__all__ = ["fused_alerts"]


def fused_alerts(scans: Sequence[Identification], strips: Sequence[StripResult]) -> tuple[FusedAlert, ...]:
    """One alert for each group that any scan or strip indicates, alarms first."""
    groups: dict[str, FusedAlert] = {}
    for scan in scans:
        for alert in scan.alerts:
            names = (alert.substance,) if alert.substance else ()
            by = technique_name(scan.spectrum.technique)
            groups[alert.group] = _joined(
                groups.get(alert.group), FusedAlert(alert.level, alert.group, names, alert.confidence, (by,))
            )
    for strip in strips:
        if strip.result is StripReading.POSITIVE:
            positive = _strip_alert(strip, groups)
            groups[positive.group] = _joined(groups.get(positive.group), positive)
    return tuple(sorted(groups.values(), key=lambda alert: (alert.level is not AlertLevel.ALARM, alert.group)))


def _strip_alert(strip: StripResult, groups: Mapping[str, FusedAlert]) -> FusedAlert:
    """What a positive strip raises, in the group under which the scans already raise its substance.

    Strips have false positives: what they raise is for the chemist, beside what the scans raise.
    """
    target = target_of(strip)
    names = (target.substance,) if target.substance else ()
    kind = plain_name(strip.kind)
    same = [alert.group for alert in groups.values() if kind in {plain_name(name) for name in alert.substances}]
    group = same[0] if same and target.substance else target.group
    return FusedAlert(AlertLevel.INDICATION, group, names, None, (f"{strip.kind} strip",))


def _joined(one: FusedAlert | None, other: FusedAlert) -> FusedAlert:
    """Two alerts of a group as one: the stronger level, the larger confidence, everything that speaks for it."""
    if one is None:
        return other
    confidences = [c for c in (one.confidence, other.confidence) if c is not None]
    return FusedAlert(
        level=AlertLevel.ALARM if AlertLevel.ALARM in (one.level, other.level) else AlertLevel.INDICATION,
        group=one.group,
        substances=tuple(sorted({*one.substances, *other.substances})),
        confidence=max(confidences) if confidences else None,
        by=tuple(dict.fromkeys((*one.by, *other.by))),
    )
