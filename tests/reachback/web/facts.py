"""Facts of a reply on one scan that nobody has answered."""

from __future__ import annotations

from typing import Any

from reachback.replies.content import MACHINE, Facts

__all__ = ["facts_of"]


def facts_of(elements: list[dict[str, Any]]) -> Facts:
    """What the machine says of a file."""
    scan = {
        "scan_id": "s",
        "file_name": "a.jdx",
        "sha256": "0" * 64,
        "received_at": "2030-01-02T03:04:05Z",
        "error": None,
        "elements": elements,
    }
    checkpoint = {"size": 1, "root_sha256": "0" * 64, "note": ""}
    return Facts(kind=MACHINE, version=0, scans=[scan], checkpoint=checkpoint, engine="0")
