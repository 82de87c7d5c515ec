"""When a finding is read by a second chemist, blind: a rule on values, so that it can be read, tested and argued with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reachback.adjudication.substances import folded
from spectra.verdict import ALWAYS_REVIEWED, Outcome

__all__ = ["PRELIMINARY_AFTER", "MachineView", "may_be_preliminary", "second_reader_due"]

PRELIMINARY_AFTER = timedelta(minutes=45)  # after the case opened


@dataclass(frozen=True, slots=True)
class MachineView:
    """What the machine *named* in the scans of a case: components of a match or mixture, and its alarms."""

    named: frozenset[str] = frozenset()

    @classmethod
    def of(cls, identifications: Iterable[Mapping[str, Any]]) -> MachineView:
        """From elements of ``results`` as the contract describes them."""
        names: set[str] = set()
        for element in identifications:
            if element.get("outcome") in (Outcome.MATCH, Outcome.MIXTURE, Outcome.INCONCLUSIVE):
                names |= {folded(part["substance"]) for part in element.get("components", ())}
            names |= {folded(alert["substance"]) for alert in element.get("alerts", ()) if alert.get("substance")}
        return cls(frozenset(names))


def second_reader_due(
    components: Sequence[Mapping[str, Any]], machine: MachineView, draw: float, share: float
) -> str | None:
    """Why a second chemist reads this finding, in one sentence; None where nobody does.

    Parameters
    ----------
    components : sequence of mapping
        What the finding names: ``substance`` and, from the library, ``class``.
    machine : MachineView
    draw, share : float
        A number from 0 up to 1, and the share of findings that are read twice at random.
    """
    watched = {folded(name) for name in ALWAYS_REVIEWED}
    family = [str(part["substance"]) for part in components if folded(part.get("class")) in watched]
    if family:
        return f"{', '.join(family)}: findings of the fentanyl family and its precursors are always read twice"
    rejected = machine.named - {folded(part["substance"]) for part in components}
    if rejected:
        return f"the machine named {', '.join(sorted(rejected))}, and the finding does not"
    if draw < share:
        return "drawn at random"
    return None


def may_be_preliminary(opened_at: datetime, now: datetime, second_reader_holds: bool) -> str | None:
    """None where the first reader's answer may go out as preliminary; otherwise why not, in one sentence."""
    if second_reader_holds:
        return "a second chemist is reading this case; wait for that reading"
    if now < opened_at + PRELIMINARY_AFTER:
        minutes = int(PRELIMINARY_AFTER.total_seconds() // 60)
        return f"a preliminary answer is allowed from minute {minutes} on, where no second reader has come by then"
    return None
