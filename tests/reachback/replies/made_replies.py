"""Facts and verdicts to make replies from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reachback.replies.content import Facts, reply_content

CLASSES = {"fentanyl": "fentanyl-related", "carfentanil": "fentanyl-related", "cocaine": "stimulant"}


def element(**changes: Any) -> dict[str, Any]:
    """One spectrum's verdict as the contract describes it."""
    return {
        "scan": {"file": "a.jdx", "index": 0, "sha256": "00", "technique": "ftir", "stated_by_user": {}},
        "quality": {"usable": True, "snr": 400.0, "flags": []},
        "outcome": "inconclusive",
        "tentative": True,
        "components": [
            {
                "substance": "cocaine",
                "form": "base",
                "share": 0.5,
                "share_interval": [0.4, 0.6],
                "confidence": 0.98,
                "controlled": True,
                "class": "stimulant",
                "reference": "r",
                "grade": "measured",
                "indistinguishable_from": [],
            }
        ],
        "unexplained": {"share": 0.5, "bands": [1655.0]},
        "alerts": [],
        "class_hint": None,
        "targets": [
            {"substance": "fentanyl", "detected": False, "limit_share": 0.05},
            {"substance": "carfentanil", "detected": False, "limit_share": 0.05},
            {"substance": "cocaine", "detected": True, "limit_share": None},
        ],
        "candidates": [],
        "reach_back": True,
        "reasons": ["half of it is unexplained"],
        "library": {"name": "lab", "release": "1", "digest": "d1", "calibration": "c1"},
        "engine": "0.1.0",
        "timing_ms": {"total": 1.0},
    } | changes


def scan(*elements: dict[str, Any], name: str = "a.jdx") -> dict[str, Any]:
    return {
        "scan_id": f"scan of {name}",
        "file_name": name,
        "sha256": "00",
        "received_at": "2030-01-01T00:00:00.000000Z",
        "error": None,
        "elements": list(elements) or [element()],
    }


def facts(**changes: Any) -> Facts:
    """An answer by one chemist: cocaine."""
    made = Facts(
        kind="answer",
        version=1,
        scans=[scan()],
        checkpoint={"size": 7, "root_sha256": "00", "note": "desk\n7\nAAAA\n\n— desk BBBB\n"},
        engine="0.1.0",
        case={"case_id": "c1", "exhibit": "E-1", "unit": "harbour"},
        said={
            "outcome": "identified",
            "components": [{"substance": "cocaine", "form": None, "class": "stimulant", "in_library": True}],
            "comment": "",
            "confidence": None,
        },
        readers=["one"],
        released_at="2030-01-01T00:30:00.000000Z",
        released_by="one",
    )
    return replace(made, **changes)


def content(**changes: Any) -> dict[str, Any]:
    return reply_content(facts(**changes), CLASSES.get)
