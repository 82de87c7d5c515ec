from __future__ import annotations

from typing import Any

import pytest

from spectra.reference import Grade
from spectra.spectrum import Technique
from spectra.verdict import Alert, AlertLevel, Component, Identification, Outcome, QualityReport
from tests.spectra.made_spectra import scan


def component(substance: str, grade: Grade = Grade.MEASURED) -> Component:
    return Component(substance, None, 0.5, (0.4, 0.6), 0.9, True, None, f"{substance}.jdx", grade)


def alert(group: str, substance: str | None) -> Alert:
    return Alert(AlertLevel.INDICATION, group, substance, None, 0.9)


def verdict(outcome: Outcome, **changes: Any) -> Identification:
    given: dict[str, Any] = {
        "spectrum": scan({1: 1.0}, Technique.FTIR),
        "quality": QualityReport(True, 100.0),
        "outcome": outcome,
        "tentative": False,
        "components": (component("cocaine"),),
        "unexplained": None,
        "alerts": (),
        "class_hint": None,
        "targets": (),
        "candidates": (),
        "reasons": (),
        "explanation": None,
        "timing_ms": 1.0,
    }
    return Identification(**{**given, **changes})


@pytest.mark.parametrize("outcome", list(Outcome))
def test_all_but_a_settled_outcome_goes_to_a_chemist(outcome: Outcome) -> None:
    assert verdict(outcome).reach_back is (outcome not in (Outcome.MATCH, Outcome.MIXTURE))


@pytest.mark.parametrize("outcome", [Outcome.MATCH, Outcome.MIXTURE])
def test_a_tentative_one_goes_too(outcome: Outcome) -> None:
    assert verdict(outcome, tentative=True).reach_back


@pytest.mark.parametrize(
    ("alerts", "grade", "goes"),
    [
        ((alert("stimulant", "cocaine"),), Grade.MEASURED, False),  # named from a measured reference
        ((alert("stimulant", "cocaine"),), Grade.BAND_TABLE, True),
        ((alert("stimulant", "amphetamine"),), Grade.MEASURED, True),  # indicated, not named
        ((alert("stimulant", None),), Grade.MEASURED, True),  # a family
        ((alert("stimulant", "cocaine"), alert("opioid", "heroin")), Grade.MEASURED, True),
        ((alert("fentanyl-related", "cocaine"),), Grade.MEASURED, True),  # always seen by a chemist
        ((alert("fentanyl precursor", "cocaine"),), Grade.MEASURED, True),
    ],
)
def test_an_open_alert_goes_too(alerts: tuple[Alert, ...], grade: Grade, goes: bool) -> None:
    given = verdict(Outcome.MATCH, alerts=alerts, components=(component("cocaine", grade),))
    assert given.reach_back is goes
