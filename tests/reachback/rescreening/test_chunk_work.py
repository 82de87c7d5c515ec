from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from device_adapters.stated import Stated
from library.opening import open_library, starter_folder
from reachback.identifying import Verdict, identify_bytes
from reachback.rescreening.chunk_work import reasons_of
from spectra.verdict import Alert, AlertLevel, Identification, Outcome

NOTHING: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def answer() -> Identification:
    """A real answer: a mixture whose parts rest on references of the starter library."""
    content = (starter_folder() / "examples" / "ftir_cut_drug.jdx").read_bytes()
    (verdict,) = identify_bytes(content, "a.jdx", open_library(None), Stated())
    assert isinstance(verdict, Verdict)
    assert verdict.identification.components
    return verdict.identification


def as_stored(answer: Identification, **changes: Any) -> dict[str, Any]:
    components = [{"substance": part.substance, "reference": part.reference} for part in answer.components]
    return {"components": components, "alerts": [], "class_hint": None, **changes}


def test_the_same_answer_is_worth_nobody_s_time(answer: Identification) -> None:
    part = answer.components[0]
    assert reasons_of(as_stored(answer), replace(answer, alerts=()), {part.reference: part.substance}, NOTHING) == ()
    assert reasons_of(None, replace(answer, alerts=()), {}, NOTHING) == ()


def test_a_component_that_rests_on_a_new_reference_is(answer: Identification) -> None:
    part = answer.components[0]
    before = as_stored(answer, components=[])
    added = {part.reference: part.substance}
    expected = (f"a new reference names {part.substance}",)
    assert reasons_of(before, replace(answer, alerts=()), added, NOTHING) == expected
    assert reasons_of(None, replace(answer, alerts=()), added, NOTHING) == expected


def test_an_alert_for_a_substance_with_a_new_reference_is(answer: Identification) -> None:
    alert = Alert(AlertLevel.INDICATION, "fentanyl-related", "novel", None, 0.9)
    alerted = replace(answer, alerts=(alert,))
    added = {"novel.jdx": "novel"}
    assert reasons_of(as_stored(answer), alerted, added, NOTHING) == ("a new reference raises an alert for novel",)
    known = as_stored(answer, alerts=[{"substance": "novel"}])
    assert reasons_of(known, alerted, added, NOTHING) == ()
    assert reasons_of(as_stored(answer), alerted, {"x": "other"}, NOTHING) == ()


def test_a_family_that_only_a_new_reference_suggests_is(answer: Identification) -> None:
    like = replace(answer, outcome=Outcome.CLASS, class_hint="nitazene", components=(), alerts=())
    added = {like.candidates[0].reference: like.candidates[0].substance}
    before = as_stored(answer, components=[])
    assert reasons_of(before, like, added, NOTHING) == ("with the new references it looks like nitazene",)
    assert reasons_of(as_stored(answer, components=[], class_hint="nitazene"), like, added, NOTHING) == ()


def test_an_answer_that_rested_on_what_has_gone_is_where_it_changes(answer: Identification) -> None:
    before = as_stored(answer, components=[{"substance": "wrong label", "reference": "gone.jdx"}])
    found = reasons_of(before, replace(answer, alerts=()), {}, frozenset({"gone.jdx"}))
    assert found == ("the answer rested on a reference that was withdrawn or corrected: wrong label",)
    same = as_stored(answer)
    gone = frozenset({answer.components[0].reference})
    assert reasons_of(same, replace(answer, alerts=()), {}, gone) == ()
