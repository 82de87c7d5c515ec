"""One confirmed scan as a folder library, through the same readers and the same tables as every import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from device_adapters.stated import Stated
from library.importers.conflicts import Named
from library.importers.folder_writing import keep_references, manifest_csv, write_text_safely
from library.importers.known_substances import Resolved
from library.importers.member_reading import read_member
from library.importers.source import Found, Identity, LeftOut, Member
from library.manifest import MANIFEST_NAME
from reachback.problems import Unprocessable

__all__ = ["write_case_folder"]


def write_case_folder(
    folder: Path,
    identity: Identity,
    content: bytes,
    file_name: str,
    stated: Mapping[str, Any],
    evidence: Mapping[str, Any],
) -> None:
    """Write the scan's judged spectrum, and a manifest with one row.

    Raises
    ------
    Unprocessable
        The file cannot be read as it could when it came.
    """
    member = Member(file_name, content)
    read = read_member(member, Stated(**stated), lambda recording: identity)
    index = evidence["scan"]["spectrum"]
    chosen = next((each for each in read if isinstance(each, Found) and each.index == index), None)
    if chosen is None:
        reasons = "; ".join(each.reason for each in read if isinstance(each, LeftOut))
        raise Unprocessable(f"the scan cannot be read as a reference: {reasons or 'its spectrum is not there'}")
    chain = json.dumps(evidence, sort_keys=True, separators=(",", ":"))
    found = replace(chosen, details={**chosen.details, "evidence": chain})
    kept = keep_references(folder, member, [found])
    named = [Named(each.reference, Resolved(identity, identity.name, status_said=True), each.content) for each in kept]
    write_text_safely(folder / MANIFEST_NAME, manifest_csv(kept, named, ()))
