from __future__ import annotations

from dataclasses import replace

import pytest

from spectra.alerts import list_targets, raise_alerts
from spectra.criteria import CRITERIA
from spectra.decision import Decision
from spectra.detect import Trace
from spectra.reference import Grade, ReferenceSet
from spectra.spectrum import Technique
from spectra.verdict import Component, Outcome
from tests.spectra.made_spectra import name_of


@pytest.fixture(scope="module")
def library(made_sets: dict[Technique, ReferenceSet]) -> ReferenceSet:
    """Numbers 3, 7, 11, 15 and 19 are watched, and fentanyl-related."""
    return made_sets[Technique.FTIR]


def part(number: int, *alike: str) -> Component:
    return Component(
        name_of(number), None, 0.4, (0.3, 0.5), 0.9, False, None, f"{number:02d}.jdx", Grade.MEASURED, alike
    )


def decision(
    outcome: Outcome = Outcome.MIXTURE,
    *,
    explains_enough: bool = True,
    accounted: bool = True,
    hint: str | None = None,
) -> Decision:
    return Decision(
        outcome, (), hint, tentative=False, explains_enough=explains_enough, accounted=accounted, reasons=()
    )


SEEN = Trace(7, CRITERIA.trace_evidence + 1, 0.04, 0.03, is_seen=True)
STRONGER = Trace(11, CRITERIA.trace_evidence + 9, 0.05, 0.03, is_seen=True)
UNSEEN = Trace(15, CRITERIA.trace_evidence - 0.1, 0.02, 0.03, is_seen=False)


def test_a_watched_component_is_alerted_and_others_are_not(library: ReferenceSet) -> None:
    (alert,) = raise_alerts(decision(), [part(3), part(4)], (), library, CRITERIA)
    assert (alert.substance, alert.group, alert.share) == (name_of(3), "fentanyl-related", 0.4)
    assert alert.confidence == 0.9


def test_a_watched_look_alike_is_alerted_too(library: ReferenceSet) -> None:
    alerts = raise_alerts(decision(), [part(4, name_of(7), name_of(8))], (), library, CRITERIA)
    assert [alert.substance for alert in alerts] == [name_of(7)]


def test_a_suspected_family_is_alerted_where_it_is_watched(library: ReferenceSet) -> None:
    (alert,) = raise_alerts(decision(Outcome.CLASS, hint="fentanyl-related"), [], (), library, CRITERIA)
    assert (alert.group, alert.substance, alert.share) == ("fentanyl-related", None, None)
    assert raise_alerts(decision(Outcome.CLASS, hint="stimulant"), [], (), library, CRITERIA) == ()


def test_of_several_traces_the_strongest_is_alerted(library: ReferenceSet) -> None:
    traces = (SEEN, STRONGER, UNSEEN)
    (alert,) = raise_alerts(decision(), [part(4)], traces, library, CRITERIA)
    assert (alert.substance, alert.share) == (name_of(11), 0.05)
    assert raise_alerts(decision(), [part(4)], (UNSEEN,), library, CRITERIA) == ()


def test_a_trace_is_alerted_only_beside_components_that_explain_enough(library: ReferenceSet) -> None:
    nothing = decision(Outcome.INCONCLUSIVE, explains_enough=False, accounted=False)
    assert raise_alerts(nothing, [part(4)], (SEEN, STRONGER), library, CRITERIA) == ()
    # Bands are left over before the trace is in, and it is the trace that they may belong to.
    enough = decision(Outcome.INCONCLUSIVE, accounted=False)
    (alert,) = raise_alerts(enough, [part(4)], (SEEN,), library, CRITERIA)
    assert (alert.substance, alert.confidence) == (name_of(7), CRITERIA.trace_confidence)


def test_evidence_beside_which_much_is_left_is_no_alert(library: ReferenceSet) -> None:
    doubtful = replace(STRONGER, is_seen=False)
    (alert,) = raise_alerts(decision(), [part(4)], (SEEN, doubtful), library, CRITERIA)
    assert alert.substance == name_of(7)
    targets = list_targets([part(4)], (alert,), (SEEN, doubtful), library)
    assert [target.substance for target in targets if target.detected] == [name_of(7)]


def test_a_trace_of_a_component_is_no_second_alert(library: ReferenceSet) -> None:
    assert len(raise_alerts(decision(), [part(7)], (SEEN,), library, CRITERIA)) == 1


def test_a_watched_substance_without_a_class_has_a_group_all_the_same(library: ReferenceSet) -> None:
    nameless = replace(library, entries=tuple(replace(e, substance_class=None) for e in library.entries))
    found = raise_alerts(decision(), [part(3)], (STRONGER,), nameless, CRITERIA)
    assert [alert.group for alert in found] == ["watched substance"] * 2


def test_targets_are_all_watched_substances_seen_or_with_their_limit(library: ReferenceSet) -> None:
    components = [part(3)]
    again = Trace(15, 0.0, 0.0, 0.01, is_seen=False)
    blind = Trace(19, 0.0, 0.0, None, is_seen=False)
    traces = (STRONGER, UNSEEN, again, blind)
    alerts = raise_alerts(decision(), components, traces, library, CRITERIA)
    targets = {t.substance: (t.detected, t.limit_share) for t in list_targets(components, alerts, traces, library)}
    assert targets == {
        name_of(3): (True, None),
        name_of(7): (False, None),
        name_of(11): (True, None),
        name_of(15): (False, 0.01),
        name_of(19): (False, None),
    }
