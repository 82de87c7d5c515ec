"""Who reads blind, and what is withheld from him: the one rule that every face of the service asks.

A chemist looks at a scan himself before he is told what the machine, the device or the officer think of it, and a
second reader never learns what the first one found. So while a case may still be read, a chemist who has not looked at
it – no first impression, no finding of his own – is shown how it was measured and nothing that suggests an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.cases.models import Case, CaseState

__all__ = [
    "ALL",
    "BEING_READ",
    "WITHHELD",
    "View",
    "measured",
    "neutral_form",
    "neutral_name",
    "view_of",
]

BEING_READ = frozenset(
    {CaseState.QUEUED, CaseState.CLAIMED, CaseState.AWAITING_OFFICER, CaseState.SECOND_READ, CaseState.THIRD_READ}
)
WITHHELD = "record your first impression; then the machine's, the device's and the officer's views are shown"
# Of the officer's form, what says how and where, but not what anybody thinks it is. All else waits.
NEUTRAL_FIELDS = frozenset(
    {
        "technique",
        "mode",
        "laser_nm",
        "y_units",
        "device_serial",
        "self_test",
        "exhibit",
        "seizure_number",
        "place",
        "found_at",
        "scanned_at",
        "appearance",
        "packaging",
        "sampled_through_bag",
        "weight",
        "call_back",
    }
)
# A title is somebody's words for what it might be, and so may be a file's name.
_TELLING = frozenset({"title", "file"})
_LONGEST_SUFFIX = 10


@dataclass(frozen=True, slots=True)
class View:
    """What an account may see of a case: what was suspected of it, and what readers found in it."""

    suspicions: bool
    findings: bool


ALL = View(suspicions=True, findings=True)


def view_of(case: Case, principal: Principal, looked: Collection[str]) -> View:
    """What this account may see of a case now.

    ``looked`` holds the ids of the cases of which this account has recorded a first impression. Those who never read
    cases see everything; officers and devices hear what was found when it is released.
    """
    if principal.role in (Role.OFFICER, Role.DEVICE):
        return View(suspicions=True, findings=case.released_at is not None or case.preliminary_at is not None)
    if principal.role is not Role.CHEMIST or case.state not in BEING_READ:
        return ALL
    # A finding commits its reader, with or without a first impression before it; he never reads the case again.
    has_found = principal.account_id in (case.finder_id, case.second_reader_id)
    has_looked = has_found or case.id in looked
    # Who decides between two findings has to know their arguments, once he has looked himself.
    decides = has_looked and case.state == CaseState.THIRD_READ
    return View(suspicions=has_looked, findings=has_found or decides)


def neutral_form(form: Mapping[str, Any]) -> dict[str, Any]:
    """The officer's form without what anybody thinks it is."""
    return {key: value for key, value in form.items() if key in NEUTRAL_FIELDS}


def measured(element: Mapping[str, Any]) -> dict[str, Any]:
    """How a spectrum was measured, of an element of ``results``."""
    return {key: value for key, value in element.get("scan", {}).items() if key not in _TELLING}


def neutral_name(row_id: str, file_name: str) -> str:
    """A name for a file that says its kind and nothing else."""
    suffix = PurePath(file_name).suffix.lower()
    is_plain = suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= _LONGEST_SUFFIX
    return row_id + (suffix if is_plain else "")
