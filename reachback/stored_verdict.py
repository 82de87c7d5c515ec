"""A verdict as it was stored, read back into values, so that it is put into the same words as a fresh one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spectra.reference import Grade
from spectra.spectrum import Technique
from spectra.verdict import Alert, AlertLevel, Component, Outcome, Target, Unexplained

__all__ = ["StoredVerdict"]


@dataclass(frozen=True, slots=True)
class MeasuredBy:
    """What is said of the spectrum itself where only its verdict was stored."""

    technique: Technique


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """What of an element of ``results`` is put into words."""

    outcome: Outcome
    tentative: bool
    components: tuple[Component, ...]
    class_hint: str | None
    unexplained: Unexplained | None
    alerts: tuple[Alert, ...]
    targets: tuple[Target, ...]
    background: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    reach_back: bool = False
    spectrum: MeasuredBy | None = None

    @classmethod
    def of(cls, element: Mapping[str, Any]) -> StoredVerdict:
        """From JSON as the contract describes it."""
        rest = element.get("unexplained")
        return cls(
            outcome=Outcome(element["outcome"]),
            tentative=bool(element.get("tentative")),
            components=tuple(_component(part) for part in element.get("components") or ()),
            class_hint=element.get("class_hint"),
            unexplained=None
            if rest is None
            else Unexplained(_number(rest.get("share")), tuple(rest.get("bands") or ())),
            alerts=tuple(_alert(alert) for alert in element.get("alerts") or ()),
            targets=tuple(
                Target(target["substance"], bool(target["detected"]), target.get("limit_share"))
                for target in element.get("targets") or ()
            ),
            background=tuple(element.get("background") or ()),
            reasons=tuple(element.get("reasons") or ()),
            reach_back=bool(element.get("reach_back")),
            spectrum=_measured_by((element.get("scan") or {}).get("technique")),
        )


def _measured_by(technique: str | None) -> MeasuredBy | None:
    return None if technique is None else MeasuredBy(Technique(technique))


def _component(part: Mapping[str, Any]) -> Component:
    low, high = part.get("share_interval") or (None, None)
    return Component(
        substance=part["substance"],
        form=part.get("form"),
        share=_number(part.get("share")),
        share_interval=(_number(low), _number(high)),
        confidence=_number(part.get("confidence")),
        controlled=bool(part.get("controlled")),
        substance_class=part.get("class"),
        reference=str(part.get("reference") or ""),
        grade=Grade(part.get("grade") or Grade.MEASURED),
        indistinguishable_from=tuple(part.get("indistinguishable_from") or ()),
    )


def _alert(alert: Mapping[str, Any]) -> Alert:
    return Alert(
        AlertLevel(alert["level"]),
        str(alert.get("group") or ""),
        alert.get("substance"),
        alert.get("share"),
        _number(alert.get("confidence")),
    )


def _number(value: float | None) -> float:
    """What is unknown is null in JSON, and not a number here."""
    return float("nan") if value is None else float(value)
