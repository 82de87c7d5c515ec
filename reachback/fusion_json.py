"""A fused statement as JSON: the key ``fusion`` beside ``results``, null where nothing was fused."""

from __future__ import annotations

from typing import Any

from reachback.strict_json import plain
from spectra.fusion import FusedComponent, Fusion, TechniqueSupport

__all__ = ["fusion_as_json"]


def fusion_as_json(fusion: Fusion | None) -> dict[str, Any] | None:
    """What all scans and strips of one exhibit say together."""
    if fusion is None:
        return None
    element = {
        "statement": fusion.statement,
        "level": fusion.level,
        "components": [_component(component) for component in fusion.components],
        "alerts": [
            {
                "level": alert.level,
                "group": alert.group,
                "substances": alert.substances,
                "confidence": alert.confidence,
                "by": alert.by,
            }
            for alert in fusion.alerts
        ],
        "reasons": fusion.reasons,
        "sources": [{"name": s.name, "title": s.title, "doi": s.doi} for s in fusion.sources],
        "reach_back": fusion.reach_back,
    }
    result: dict[str, Any] = plain(element)
    return result


def _component(component: FusedComponent) -> dict[str, Any]:
    return {
        "substance": component.substance,
        "forms": component.forms,
        "standing": component.standing,
        "confidence": component.confidence,
        "controlled": component.controlled,
        "class": component.substance_class,
        "support": [_support(one) for one in component.support],
    }


def _support(one: TechniqueSupport) -> dict[str, Any]:
    return {
        "technique": one.technique,
        "seen": one.seen,
        "scans": one.scans,
        "usable": one.usable,
        "confidence": one.confidence,
        "share": one.share,
        "limit_share": one.limit_share,
    }
