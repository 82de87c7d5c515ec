"""Which scans open a case, and why: one pure function, its reasons in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from reachback.cases.models import Lane
from spectra.reference import Grade
from spectra.verdict import ALWAYS_REVIEWED, Outcome

__all__ = ["BETTER_SCAN_WITHIN", "Opening", "decide_opening", "primary_of"]

BETTER_SCAN_WITHIN = timedelta(minutes=10)

Json = Mapping[str, Any]

_SETTLED = (Outcome.MATCH, Outcome.MIXTURE)
_FENTANYL = re.compile(r"fent[ay]n", re.IGNORECASE)
_UNSETTLED_WORDS = {
    Outcome.NO_MATCH: "no reference fits the scan",
    Outcome.INCONCLUSIVE: "not every part of the scan is known",
    Outcome.CLASS: "only the family of the substance is known",
}


@dataclass(frozen=True, slots=True)
class Opening:
    """A case is wanted: at once, or – where the scan is merely unusable – unless a better one follows soon."""

    lane: Lane
    reasons: tuple[str, ...]
    at_once: bool = True

    @property
    def because(self) -> str:
        """All reasons in one line."""
        return "; ".join(self.reasons)


def primary_of(identifications: Sequence[Json]) -> int | None:
    """Position of the first usable spectrum; of the first at all where none is usable, None where there is none."""
    for position, identification in enumerate(identifications):
        if identification["quality"]["usable"]:
            return position
    return 0 if identifications else None


def decide_opening(identifications: Sequence[Json], form: Json, device_results: Sequence[Json] = ()) -> Opening | None:
    """Whether a scan opens a case.

    Parameters
    ----------
    identifications : sequence of mapping
        Elements of ``results`` of the identification schema, one for each spectrum of the file.
    form : mapping
        The officer's form as stored.
    device_results : sequence of mapping
        The device's own words, as the metadata model names them.
    """
    usable = [each for each in identifications if each["quality"]["usable"]]
    reasons = [
        *_wishes(form),
        *_once(reason for each in usable for reason in _machine(each)),
        *_strips(form),
        *_device(usable, device_results),
    ]
    lane = _lane(usable, form, device_results)
    if reasons:
        return Opening(lane, tuple(reasons))
    if identifications and not usable:
        return Opening(lane, ("the scan is unusable, and no better one of the exhibit followed",), at_once=False)
    return None


def _once(reasons: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(reasons))


def _wishes(form: Json) -> list[str]:
    reasons = []
    if form.get("exposure"):
        reasons.append("somebody was exposed")
    if form.get("want_review"):
        reasons.append("the officer wants a chemist")
    return reasons


def _machine(identification: Json) -> list[str]:
    reasons = []
    outcome = identification["outcome"]
    if outcome in _UNSETTLED_WORDS:
        reasons.append(_UNSETTLED_WORDS[Outcome(outcome)])
    if identification["tentative"]:
        reasons.append("the verdict rests on a table of bands, not on a measured reference")
    measured = _named(identification, measured_only=True)
    for alert in identification["alerts"]:
        what = alert["substance"] or alert["group"]
        if alert["group"] in ALWAYS_REVIEWED:
            reasons.append(f"an alert of the fentanyl family: {what}")
        elif alert["substance"] not in measured:
            reasons.append(f"an alert that no measured reference settles: {what}")
    if identification["reach_back"] and not reasons:
        reasons.append("the identification asks for a chemist")
    return reasons


def _named(identification: Json, *, measured_only: bool = False) -> set[str]:
    parts = identification["components"]
    return {part["substance"] for part in parts if not measured_only or part["grade"] == Grade.MEASURED}


def _strips(form: Json) -> list[str]:
    return [f"a test strip for {strip['kind']} is positive" for strip in form.get("strips", ()) if _is_positive(strip)]


def _is_positive(strip: Json) -> bool:
    return bool(strip["result"] == "positive")


def _device(usable: Sequence[Json], device_results: Sequence[Json]) -> list[str]:
    reasons = []
    seen = {name.casefold() for each in usable for name in _seen(each)}
    watched = {target["substance"] for each in usable for target in each["targets"]}
    controlled = any(part["controlled"] for each in usable for part in each["components"])
    for said in device_results:
        if said.get("device_alarm") and not (controlled or any(each["alerts"] for each in usable)):
            reasons.append("the device raised an alarm that we do not reproduce")
        for name in _watched_hits(said, watched):
            if name.casefold() not in seen:
                reasons.append(f"the device names {name}, and we do not see it")
        if _found_nothing(said) and not any(_is_settled(each) for each in usable):
            reasons.append("the device found no match, and no measured reference of ours settles it")
    return _once(reasons)


def _seen(identification: Json) -> set[str]:
    alerted = {alert["substance"] for alert in identification["alerts"] if alert["substance"]}
    return _named(identification) | alerted


def _watched_hits(said: Json, watched: set[str]) -> list[str]:
    """Watched substances whose name stands, as a word, in what the device calls found."""
    hits = " | ".join(str(hit["name"]) for hit in said.get("device_hits") or ())
    return sorted(name for name in watched if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", hits, re.IGNORECASE))


def _found_nothing(said: Json) -> bool:
    return "device_hits" in said and not said["device_hits"]


def _is_settled(identification: Json) -> bool:
    return identification["outcome"] in _SETTLED and not identification["tentative"]


def _lane(usable: Sequence[Json], form: Json, device_results: Sequence[Json]) -> Lane:
    if form.get("exposure"):
        return Lane.EXPOSURE
    groups = {alert["group"] for each in usable for alert in each["alerts"]}
    hints = {each["class_hint"] for each in usable}
    strips = [strip["kind"] for strip in form.get("strips", ()) if _is_positive(strip)]
    hits = [str(hit["name"]) for said in device_results for hit in said.get("device_hits") or ()]
    if (groups | hints) & set(ALWAYS_REVIEWED) or any(_FENTANYL.search(text) for text in (*strips, *hits)):
        return Lane.FENTANYL
    return Lane.GENERAL
