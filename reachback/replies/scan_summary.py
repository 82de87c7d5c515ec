"""One scan in a reply: what was measured, what the machine said of it, and what it could not have seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from reachback.stored_verdict import StoredVerdict
from reachback.strict_json import plain
from reachback.wording import (
    OUTCOME_WORDS,
    alert_sentence,
    component_name,
    dose_far_below,
    grade_words,
    headline,
    percent,
    printable,
    target_sentences,
    technique_name,
    unexplained_sentence,
)
from spectra.spectrum import Technique
from spectra.verdict import Outcome, Target

__all__ = ["limits_by_family", "not_seen_sentences", "scan_summary"]

LEAST_SHARE_TOLD = 0.005  # of the signal; below, nothing is left over
FENTANYL = "fentanyl"
ClassOf = Callable[[str], str | None]


def scan_summary(scan: Mapping[str, Any], class_of: ClassOf) -> dict[str, Any]:
    """A scan as the officer reads it: each of its spectra in words."""
    return {
        "scan_id": scan["scan_id"],
        "file_name": scan["file_name"],
        "sha256": scan["sha256"],
        "received_at": scan["received_at"],
        "error": scan.get("error"),
        "spectra": [_spectrum(element, class_of) for element in scan["elements"]],
    }


def _spectrum(element: Mapping[str, Any], class_of: ClassOf) -> dict[str, Any]:
    verdict = StoredVerdict.of(element)
    sign, words = OUTCOME_WORDS[verdict.outcome]
    scan = element["scan"]
    summary = {
        "index": scan.get("index"),
        "technique": technique_name(Technique(scan["technique"])),
        "mode": scan.get("mode"),
        "laser_nm": scan.get("laser_nm"),
        "stated_by_user": scan.get("stated_by_user") or {},
        "quality": element.get("quality"),
        "verdict": f"{sign} {words}{' (tentative)' if verdict.tentative else ''}",
        "headline": headline(verdict),
        "parts": [
            {
                "name": component_name(part),
                "share": percent(part.share),
                "confidence": f"{part.confidence:.3f}",
                "class": part.substance_class,
                "grade": grade_words(part.grade),
                "controlled": part.controlled,
                "indistinguishable_from": list(part.indistinguishable_from),
            }
            for part in verdict.components
        ],
        "alerts": [alert_sentence(alert) for alert in verdict.alerts],
        "unexplained": _unexplained(verdict),
        "reasons": [printable(reason) for reason in element.get("reasons") or ()],
        "watch_list": target_sentences(verdict, _classes(verdict, class_of)),
        "library": element.get("library"),
        "engine": element.get("engine"),
    }
    result: dict[str, Any] = plain(summary)
    return result


def _unexplained(verdict: StoredVerdict) -> str | None:
    rest = verdict.unexplained
    return None if rest is None or rest.share < LEAST_SHARE_TOLD else unexplained_sentence(verdict)


def not_seen_sentences(scans: Sequence[Mapping[str, Any]], class_of: ClassOf, named: Collection[str]) -> list[str]:
    """What all scans together say of the watched substances that the answer does not name; the best scan counts."""
    best: dict[str, Target] = {}
    for scan in scans:
        for element in scan["elements"]:
            verdict = StoredVerdict.of(element)
            if verdict.outcome is Outcome.UNUSABLE:
                continue
            for target in verdict.targets:
                known = best.get(target.substance)
                if known is None or _shows_more(target, known):
                    best[target.substance] = target
    if not best:
        return ["These scans can exclude nothing."]
    folded = {name.casefold() for name in named}
    told = tuple(target for name, target in best.items() if not target.detected and name.casefold() not in folded)
    merged = StoredVerdict(Outcome.INCONCLUSIVE, False, (), None, None, (), told)
    sentences = target_sentences(merged, {name: (class_of(name) or "").casefold() for name in best})
    is_watched = any(name.casefold() == FENTANYL for name in best)
    return [each for each in sentences if not (is_watched and each.startswith("Fentanyl is not among"))]


def _shows_more(one: Target, other: Target) -> bool:
    if one.detected or other.detected:
        return one.detected
    limits = [math.inf if target.limit_share is None else target.limit_share for target in (one, other)]
    return limits[0] < limits[1]


def limits_by_family(scans: Sequence[Mapping[str, Any]], class_of: ClassOf) -> list[dict[str, Any]]:
    """For each watched family and technique: what was seen, and from which share of the signal on the rest shows.

    Of several scans by one technique, the one that shows a substance best counts.
    """
    families: dict[tuple[str, str], dict[str, list[Mapping[str, Any]]]] = {}
    for scan in scans:
        for element in scan["elements"]:
            technique = technique_name(Technique(element["scan"]["technique"]))
            for target in element.get("targets") or ():
                family = class_of(target["substance"]) or "no class"
                families.setdefault((family, technique), {}).setdefault(target["substance"], []).append(target)
    return [_limits_row(family, technique, told) for (family, technique), told in sorted(families.items())]


def _limits_row(family: str, technique: str, told: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    seen = sorted(name for name, targets in told.items() if any(target["detected"] for target in targets))
    unseen = [name for name in told if name not in seen]
    beyond = sorted(name for name in unseen if dose_far_below(name, {name: family.casefold()}))
    known = {
        name: [target["limit_share"] for target in told[name] if target.get("limit_share") is not None]
        for name in unseen
        if name not in beyond
    }
    limits = [min(shares) for shares in known.values() if shares]
    return {
        "family": family,
        "technique": technique,
        "watched": len(told),
        "seen": seen,
        "lowest_limit_share": min(limits, default=None),
        "highest_limit_share": max(limits, default=None),
        "not_excluded": beyond,
        "in_words": _limits_in_words(limits, beyond, unseen),
    }


def _limits_in_words(limits: Sequence[float], beyond: Sequence[str], unseen: Sequence[str]) -> str:
    if not unseen:
        return "all seen"
    if len(beyond) == len(unseen):
        return "not excluded by this method"
    if not limits:
        return "no detection limit known"
    low, high = percent(max(0.001, min(limits))), percent(max(0.001, *limits))
    return f"from about {low if low == high else f'{low} to {high}'} of the signal"


def _classes(verdict: StoredVerdict, class_of: ClassOf) -> dict[str, str]:
    return {target.substance: (class_of(target.substance) or "").casefold() for target in verdict.targets}
