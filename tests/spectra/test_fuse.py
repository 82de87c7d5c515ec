"""What scans and strips of one exhibit say together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra.fuse import NOT_INDEPENDENT, fuse
from spectra.fusion import FusedComponent, Fusion, FusionLevel, Seen, Standing
from spectra.packaging import ONLY_PACKAGING
from spectra.reference import Grade
from spectra.spectrum import Ordinate, Spectrum, Technique
from spectra.strips import StripReading, StripResult
from spectra.verdict import (
    Alert,
    AlertLevel,
    Component,
    Identification,
    Outcome,
    QualityReport,
    Target,
    Unexplained,
)

RAMAN, FTIR = Technique.RAMAN, Technique.FTIR
AXIS = np.linspace(600.0, 1900.0, 100)
POSITIVE = StripResult("fentanyl", StripReading.POSITIVE)
NEGATIVE = StripResult("fentanyl", StripReading.NEGATIVE)
INVALID = StripResult("fentanyl", StripReading.INVALID)
FENTANYL = Alert(AlertLevel.INDICATION, "fentanyl-related", "fentanyl", 0.05, 0.6)


def part(substance: str, share: float = 0.5, confidence: float = 0.9, **changes: object) -> Component:
    given = Component(
        substance, None, share, (0.0, 1.0), confidence, True, "stimulant", f"{substance}.jdx", Grade.MEASURED
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def made(technique: Technique, outcome: Outcome, *parts: Component, **changes: object) -> Identification:
    ordinate = Ordinate.INTENSITY if technique is RAMAN else Ordinate.ABSORBANCE
    given = Identification(
        spectrum=Spectrum(AXIS, np.ones(AXIS.size), technique, ordinate),
        quality=QualityReport(outcome is not Outcome.UNUSABLE, 100.0),
        outcome=outcome,
        tentative=False,
        components=parts,
        unexplained=Unexplained(0.02),
        alerts=(),
        class_hint=None,
        targets=(),
        candidates=(),
        reasons=("because",),
        explanation=None,
        timing_ms=1.0,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def of(fusion: Fusion, substance: str) -> FusedComponent:
    (found,) = [component for component in fusion.components if component.substance == substance]
    return found


def seen(fusion: Fusion, substance: str) -> dict[Technique, Seen]:
    return {one.technique: one.seen for one in of(fusion, substance).support}


# -- components


def test_what_both_techniques_name_is_corroborated_and_never_multiplied() -> None:
    fused = fuse(
        [
            made(RAMAN, Outcome.MATCH, part("cocaine", confidence=0.8)),
            made(FTIR, Outcome.MATCH, part("cocaine", confidence=0.9)),
        ]
    )
    assert fused.level is FusionLevel.CORROBORATED
    assert of(fused, "cocaine").standing is Standing.CORROBORATED
    assert of(fused, "cocaine").confidence == 0.9
    assert NOT_INDEPENDENT in fused.reasons
    assert fused.statement == "Presumptive, not confirmed: cocaine (Raman and FTIR)."
    assert not fused.reach_back


def test_a_mixture_seen_by_one_and_in_part_by_the_other() -> None:
    fused = fuse(
        [
            made(RAMAN, Outcome.MIXTURE, part("cocaine"), part("caffeine")),
            made(FTIR, Outcome.INCONCLUSIVE, part("cocaine"), unexplained=Unexplained(0.3)),
        ]
    )
    assert fused.level is FusionLevel.SETTLED
    assert of(fused, "cocaine").standing is Standing.CORROBORATED
    assert of(fused, "caffeine").standing is Standing.ONE_TECHNIQUE
    assert seen(fused, "caffeine") == {RAMAN: Seen.NAMED, FTIR: Seen.NOT_SEEN}
    assert "caffeine (Raman alone)" in fused.statement
    assert "FTIR shows more than was named" in fused.statement
    assert "FTIR leaves 30 % of its signal unnamed" in fused.reasons
    assert fused.reach_back


def test_scans_of_one_technique_do_not_corroborate_each_other() -> None:
    fused = fuse([made(RAMAN, Outcome.MATCH, part("cocaine"))] * 3)
    assert fused.level is FusionLevel.SETTLED
    assert of(fused, "cocaine").standing is Standing.ONE_TECHNIQUE
    assert of(fused, "cocaine").support[0].scans == 3
    assert NOT_INDEPENDENT not in fused.reasons


def test_a_contradiction_is_shown_and_not_averaged() -> None:
    fused = fuse([made(RAMAN, Outcome.MATCH, part("lactose")), made(FTIR, Outcome.MATCH, part("cocaine"))])
    assert fused.level is FusionLevel.CONTRADICTED
    assert "contradict each other" in fused.statement
    assert fused.reasons[0] == "contradiction: Raman names lactose, FTIR names cocaine; neither is preferred"
    assert {component.substance for component in fused.components} == {"lactose", "cocaine"}
    assert fused.reach_back


def test_two_spots_that_differ_say_that_the_exhibit_is_not_the_same_everywhere() -> None:
    fused = fuse([made(RAMAN, Outcome.MATCH, part("lactose")), made(RAMAN, Outcome.MATCH, part("cocaine"))])
    assert fused.level is FusionLevel.CONTRADICTED
    assert "not the same everywhere" in fused.reasons[0]


def test_look_alikes_do_not_contradict_each_other() -> None:
    fused = fuse(
        [
            made(RAMAN, Outcome.MATCH, part("MDMA", indistinguishable_from=("MDEA",))),
            made(FTIR, Outcome.MATCH, part("MDEA")),
        ]
    )
    assert fused.level is FusionLevel.SETTLED
    assert seen(fused, "MDEA") == {RAMAN: Seen.ALIKE, FTIR: Seen.NAMED}


@pytest.mark.parametrize(("limit", "contradicted"), [(0.05, True), (0.6, False), (None, False)])
def test_what_a_technique_should_have_shown_and_does_not_is_a_contradiction(
    limit: float | None, contradicted: bool
) -> None:
    fused = fuse(
        [
            made(RAMAN, Outcome.MIXTURE, part("cocaine", 0.5), part("lactose", 0.5)),
            made(FTIR, Outcome.MATCH, part("lactose", 1.0), targets=(Target("cocaine", False, limit),)),
        ]
    )
    assert (fused.level is FusionLevel.CONTRADICTED) is contradicted
    assert (of(fused, "cocaine").standing is Standing.CONTRADICTED) is contradicted
    said = "FTIR does not show cocaine" if contradicted else "FTIR does not show it"
    assert any(said in reason for reason in fused.reasons)


def test_what_the_library_does_not_hold_is_not_said_to_be_unseen() -> None:
    scans = [made(RAMAN, Outcome.MATCH, part("lactose")), made(FTIR, Outcome.MIXTURE, part("cocaine"), part("lactose"))]
    fused = fuse(scans, held={RAMAN: {"lactose"}, FTIR: {"lactose", "cocaine"}})
    assert seen(fused, "cocaine") == {RAMAN: Seen.NO_REFERENCE, FTIR: Seen.NAMED}
    assert any("Raman has no reference of it" in reason for reason in fused.reasons)


def test_different_forms_are_told() -> None:
    fused = fuse(
        [
            made(RAMAN, Outcome.MATCH, part("cocaine", form="base")),
            made(FTIR, Outcome.MATCH, part("cocaine", form="HCl")),
        ]
    )
    assert of(fused, "cocaine").forms == ("HCl", "base")
    assert "the scans name different forms of cocaine: HCl, base" in fused.reasons


def test_an_unusable_scan_excludes_nothing() -> None:
    fused = fuse([made(RAMAN, Outcome.UNUSABLE), made(FTIR, Outcome.MATCH, part("cocaine"))])
    assert seen(fused, "cocaine") == {RAMAN: Seen.UNUSABLE, FTIR: Seen.NAMED}
    assert "no Raman scan says anything of the sample: Raman excludes nothing" in fused.reasons
    assert "shows more" not in fused.statement


def test_a_scan_of_the_bag_alone_says_nothing_of_the_sample() -> None:
    bag = made(RAMAN, Outcome.INCONCLUSIVE, background=("polyethylene",), reasons=(ONLY_PACKAGING,))
    fused = fuse([bag, made(FTIR, Outcome.MATCH, part("cocaine"))])
    assert seen(fused, "cocaine")[RAMAN] is Seen.UNUSABLE
    assert f"Raman: {ONLY_PACKAGING}" in fused.reasons
    assert "shows more" not in fused.statement


# -- alerts and strips


def test_an_alert_by_any_is_an_alert_of_the_whole() -> None:
    fused = fuse([made(RAMAN, Outcome.MATCH, part("lactose")), made(FTIR, Outcome.NO_MATCH, alerts=(FENTANYL,))])
    (alert,) = fused.alerts
    assert (alert.group, alert.substances, alert.by) == ("fentanyl-related", ("fentanyl",), ("FTIR",))
    assert fused.statement.startswith("Alert: fentanyl-related (fentanyl), by FTIR. Presumptive")
    assert fused.reach_back


def test_a_negative_strip_never_lowers_an_alert() -> None:
    scans = [made(FTIR, Outcome.NO_MATCH, alerts=(FENTANYL,))]
    alone, beside = fuse(scans), fuse(scans, [NEGATIVE])
    assert beside.alerts == alone.alerts
    assert "the fentanyl strip is negative: that lowers no alert" in beside.reasons
    assert [source.name for source in beside.sources] == ["Park et al. 2022"]


def test_a_positive_strip_raises_an_alert_by_itself() -> None:
    fused = fuse([made(FTIR, Outcome.MATCH, part("lactose"))], [POSITIVE])
    (alert,) = fused.alerts
    assert (alert.level, alert.group, alert.confidence) == (AlertLevel.INDICATION, "fentanyl-related", None)
    assert alert.by == ("fentanyl strip",)
    assert fused.sources == ()
    assert fused.reach_back


def test_a_strip_and_a_scan_speak_for_one_alert() -> None:
    scan = made(FTIR, Outcome.NO_MATCH, alerts=(replace(FENTANYL, level=AlertLevel.ALARM),))
    (alert,) = fuse([scan], [POSITIVE]).alerts
    assert (alert.level, alert.confidence, alert.by) == (AlertLevel.ALARM, 0.6, ("FTIR", "fentanyl strip"))


def test_a_strip_joins_the_group_under_which_a_scan_raises_its_substance() -> None:
    xylazine = Alert(AlertLevel.INDICATION, "sedative adulterant", "xylazine", 0.1, 0.7)
    scan = made(FTIR, Outcome.NO_MATCH, alerts=(xylazine,))
    (alert,) = fuse([scan], [StripResult("xylazine", StripReading.POSITIVE)]).alerts
    assert (alert.group, alert.by) == ("sedative adulterant", ("FTIR", "xylazine strip"))


def test_a_false_positive_is_spoken_of_where_its_cause_was_found_and_the_alert_stays() -> None:
    fused = fuse([made(FTIR, Outcome.MATCH, part("diphenhydramine"))], [POSITIVE])
    assert [source.name for source in fused.sources] == ["Lockwood et al. 2021", "Harm Reduction Journal 2024"]
    assert any("published for diphenhydramine" in reason for reason in fused.reasons)
    assert len(fused.alerts) == 1


def test_strips_that_disagree_count_as_positive_and_invalid_ones_not_at_all() -> None:
    fused = fuse([], [POSITIVE, NEGATIVE, INVALID])
    assert len(fused.alerts) == 1
    assert "fentanyl strips disagree: the positive one counts" in fused.reasons
    assert "the fentanyl strip is invalid and says nothing: repeat it" in fused.reasons
    assert fuse([], [INVALID]).alerts == ()


def test_nothing_at_all_is_said_to_be_nothing() -> None:
    fused = fuse([])
    assert (fused.level, fused.components, fused.alerts) == (FusionLevel.UNRESOLVED, (), ())
    assert fused.statement == "Presumptive, not confirmed: nothing was named."
    assert fused.reach_back


NAMES = ("cocaine", "lactose", "fentanyl", "diphenhydramine")


@st.composite
def exhibits(draw: st.DrawFn) -> list[Identification]:
    scans = []
    for _ in range(draw(st.integers(0, 4))):
        outcome = draw(st.sampled_from(list(Outcome)))
        listed = outcome in (Outcome.MATCH, Outcome.MIXTURE, Outcome.INCONCLUSIVE)
        names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)) if listed else []
        parts = [part(n, draw(st.floats(0.1, 1.0)), draw(st.floats(0.0, 1.0))) for n in names]
        alerts = (FENTANYL,) if draw(st.booleans()) else ()
        scans.append(made(draw(st.sampled_from([RAMAN, FTIR])), outcome, *parts, alerts=alerts))
    return scans


@given(exhibits(), st.lists(st.sampled_from([POSITIVE, NEGATIVE, INVALID]), max_size=3))
def test_fusing_loses_nothing_and_invents_nothing(scans: list[Identification], strips: list[StripResult]) -> None:
    fused = fuse(scans, strips)
    assert {c.substance for c in fused.components} == {c.substance for scan in scans for c in scan.components}
    for component in fused.components:
        single = [c.confidence for scan in scans for c in scan.components if c.substance == component.substance]
        assert component.confidence == max(single)
    raised = any(scan.alerts for scan in scans) or POSITIVE in strips
    assert bool(fused.alerts) is raised
    # More negative or invalid strips change no alert, and another alert takes none away.
    assert fuse(scans, [*strips, NEGATIVE, INVALID]).alerts == fused.alerts
    before = {alert.group for alert in fused.alerts}
    assert before <= {alert.group for alert in fuse(scans, [*strips, POSITIVE]).alerts}
    if raised or any(scan.reach_back for scan in scans):
        assert fused.reach_back


@given(exhibits())
def test_the_order_of_the_scans_does_not_matter(scans: list[Identification]) -> None:
    one, other = fuse(scans), fuse(scans[::-1])
    assert (one.level, one.components, one.reach_back) == (other.level, other.components, other.reach_back)
    assert [a.group for a in one.alerts] == [a.group for a in other.alerts]
