"""A checked library as JSON: schema ``reachback.library-check/1``."""

from __future__ import annotations

from typing import Any

from library.checking import LibraryCheck
from library.qc.findings import Finding
from library.qc.whole import CheckedTechnique
from library.substances import Substance
from reachback import __version__

__all__ = ["SCHEMA", "check_as_json"]

SCHEMA = "reachback.library-check/1"


def check_as_json(check: LibraryCheck) -> dict[str, Any]:
    """Everything that was found, gravest first; figures carry their unit in their name."""
    return {
        "schema": SCHEMA,
        "engine": __version__,
        "library": check.name,
        "digest": check.digest,
        "passed": check.has_passed,
        "references": {technique.value: count for technique, count in check.counts.items()},
        "measured_alone": check.checked.n_measured,
        "remarks": list(check.remarks),
        "findings": [_finding(each) for each in check.checked.findings],
        "techniques": {technique.value: _technique(found) for technique, found in check.checked.techniques.items()},
        "watched_without_reference": {
            technique.value: [_substance(each) for each in missing] for technique, missing in check.missing.items()
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "check": finding.check,
        "level": finding.level.value,
        "references": list(finding.references),
        "words": finding.words,
        "figures": dict(finding.figures),
    }


def _technique(found: CheckedTechnique) -> dict[str, Any]:
    entries = found.references.entries
    return {
        "leave_one_out": {"asked": found.calls.asked, "right": found.calls.right},
        "look_alikes": [
            {
                "references": [entries[row].id for row in pair.rows],
                "substances": [entries[row].substance for row in pair.rows],
                "similarity": pair.similarity,
                "told_apart_from_snr": pair.told_apart_from,
            }
            for pair in found.look_alikes
        ],
        "look_alikes_not_asked": found.not_asked,
        "suspected_mixtures": [
            {
                "reference": entries[each.row].id,
                "parts": [entries[row].id for row in each.parts],
                "shares": list(each.shares),
                "explained": each.explained,
            }
            for each in found.mixtures
        ],
    }


def _substance(substance: Substance) -> dict[str, Any]:
    return {"substance": substance.name, "form": substance.form, "inchikey": substance.inchikey, "cas": substance.cas}
