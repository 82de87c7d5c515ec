"""When a finding is read by a second chemist, blind: a rule on values, to be read, tested and argued with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reachback.adjudication.substances import folded
from spectra.verdict import ALWAYS_REVIEWED, AlertLevel

__all__ = ["PRELIMINARY_AFTER", "MachineView", "refuse_preliminary", "second_reader_due"]

PRELIMINARY_AFTER = timedelta(minutes=45)  # after the case opened
ALWAYS_READ_TWICE = frozenset(folded(name) for name in ALWAYS_REVIEWED)


@dataclass(frozen=True, slots=True)
class MachineView:
    """What the machine named in the scans of a case: name → all names it cannot tell apart, itself among them."""

    named: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, identifications: Iterable[Mapping[str, Any]]) -> MachineView:
        """From elements of ``results`` as the contract describes them.

        Named are the components of every outcome – an inconclusive verdict, too, lists only what the evidence
        supports – and what an alarm names. An indication names nothing: it is a question to the chemist.
        """
        named: dict[str, frozenset[str]] = {}
        for element in identifications:
            for part in element.get("components") or ():
                alike = part.get("indistinguishable_from") or ()
                named[part["substance"]] = frozenset(folded(name) for name in (part["substance"], *alike))
            for alert in element.get("alerts") or ():
                if alert.get("level") == AlertLevel.ALARM and alert.get("substance"):
                    named.setdefault(alert["substance"], frozenset({folded(alert["substance"])}))
        return cls(named)

    def rejected_by(self, components: Sequence[Mapping[str, Any]]) -> list[str]:
        """What the machine named and a finding does not."""
        found = {folded(part["substance"]) for part in components}
        return sorted(name for name, alike in self.named.items() if not alike & found)


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
    family = [str(part["substance"]) for part in components if folded(part.get("class")) in ALWAYS_READ_TWICE]
    if family:
        return f"{', '.join(family)}: findings of the fentanyl family and of its precursors are always read twice"
    rejected = machine.rejected_by(components)
    if rejected:
        return f"the machine named {', '.join(rejected)}, and the finding does not"
    return "drawn at random" if draw < share else None


def refuse_preliminary(opened_at: datetime, now: datetime, is_being_read: bool) -> str | None:
    """None where the first reader's answer may go out as preliminary; otherwise why not, in one sentence."""
    if is_being_read:
        return "a second chemist is reading this case; its answer waits for that reading"
    if now < opened_at + PRELIMINARY_AFTER:
        minutes = int(PRELIMINARY_AFTER.total_seconds() // 60)
        return f"a second reading is due; before minute {minutes} of the case no preliminary answer may go out"
    return None
