"""When a finding is read twice, and when one reader's answer may go out before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reachback.adjudication.second_reading import MachineView, refuse_preliminary, second_reader_due

OPENED = datetime(2030, 1, 1, tzinfo=UTC)
BLIND_MACHINE = MachineView({})


def part(substance: str, substance_class: str | None = None) -> dict[str, Any]:
    return {"substance": substance, "form": None, "class": substance_class}


def machine(*names: str, alike: tuple[str, ...] = (), alerts: tuple[tuple[str, str], ...] = ()) -> MachineView:
    return MachineView.of(
        [
            {
                "outcome": "inconclusive",
                "components": [{"substance": name, "indistinguishable_from": list(alike)} for name in names],
                "alerts": [{"level": level, "substance": name, "group": "x"} for level, name in alerts],
            }
        ]
    )


@pytest.mark.parametrize("substance_class", ["fentanyl-related", "Fentanyl precursor"])
def test_the_fentanyl_family_is_always_read_twice(substance_class: str) -> None:
    because = second_reader_due([part("lactose"), part("x", substance_class)], machine("x", "lactose"), 1.0, 0.0)
    assert because is not None
    assert because.startswith("x: ")


def test_what_the_machine_named_and_the_chemist_rejects_is_read_twice() -> None:
    assert "cocaine" in (second_reader_due([part("lactose")], machine("cocaine", "lactose"), 1.0, 0.0) or "")
    assert second_reader_due([], machine("lactose"), 1.0, 0.0) is not None


def test_agreeing_with_the_machine_in_any_spelling_is_not_rejecting_it() -> None:
    assert second_reader_due([part("Cocaine"), part("LACTOSE")], machine("cocaine", "lactose"), 1.0, 0.0) is None


def test_choosing_among_what_the_machine_cannot_tell_apart_is_not_rejecting_it() -> None:
    view = machine("xylitol", alike=("sorbitol",))
    assert second_reader_due([part("sorbitol")], view, 1.0, 0.0) is None
    assert second_reader_due([part("mannitol")], view, 1.0, 0.0) is not None


def test_an_alarm_names_a_substance_and_an_indication_only_asks() -> None:
    assert second_reader_due([part("lactose")], machine(alerts=(("alarm", "heroin"),)), 1.0, 0.0) is not None
    assert second_reader_due([part("lactose")], machine(alerts=(("indication", "heroin"),)), 1.0, 0.0) is None


def test_the_random_share_is_drawn_below_it() -> None:
    assert second_reader_due([part("lactose")], BLIND_MACHINE, 0.0499, 0.05) == "drawn at random"
    assert second_reader_due([part("lactose")], BLIND_MACHINE, 0.05, 0.05) is None
    assert second_reader_due([part("lactose")], BLIND_MACHINE, 0.0, 0.0) is None
    assert second_reader_due([part("lactose")], BLIND_MACHINE, 0.999, 1.0) is not None


def test_a_preliminary_answer_is_allowed_from_minute_45_while_nobody_reads() -> None:
    due = OPENED + timedelta(minutes=45)
    assert refuse_preliminary(OPENED, due, is_being_read=False) is None
    assert "minute 45" in (refuse_preliminary(OPENED, due - timedelta(microseconds=1), is_being_read=False) or "")
    assert "reading" in (refuse_preliminary(OPENED, due, is_being_read=True) or "")
