"""The manifest of a release: plain, canonical JSON that says everything the release holds; its SHA-256 is the release.

Equal contents give equal bytes, so the digest in an answer leads to exactly one manifest, and the manifest by the
digests of its objects to every number that the answer was made with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from library.errors import BrokenRelease
from library.ledger import Decision
from library.stored_reference import StoredReference
from library.substances import FamilyLink, Statement, as_json, link_from_json, statement_from_json

__all__ = ["SCHEMA", "Deprecated", "ReleaseManifest", "Signers"]

SCHEMA = "reachback.release/1"


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A reference that an earlier release held and this one does not: why, and what stands in its place."""

    id: str
    substance: str
    reason: str
    successor: str | None


@dataclass(frozen=True, slots=True)
class Signers:
    """Who answers for a reference: who proposed it, who reviewed it, and when."""

    proposer: str
    proposed_at: str
    reviewer: str
    reviewed_at: str


@dataclass(frozen=True, slots=True)
class ReleaseManifest:
    """Everything a release holds.

    Parameters
    ----------
    library : str
    number : int
    at, by : str
        When, ISO 8601 UTC, and who made it.
    previous : str or None
        Digest of the release before.
    history : str
        SHA-256 of the journal's last event before this release: the signature covers what led to it.
    references : tuple of StoredReference
    signers : mapping of str to Signers
        By id.
    deprecated : tuple of Deprecated
        All so far.
    decisions : tuple of Decision
        Findings that stand because somebody decided so.
    left_out : tuple of str
        Ids that an export leaves out, as their licence does not allow to pass them on.
    """

    library: str
    number: int
    at: str
    by: str
    previous: str | None
    history: str
    references: tuple[StoredReference, ...]
    signers: Mapping[str, Signers]
    statements: tuple[Statement, ...] = ()
    links: tuple[FamilyLink, ...] = ()
    deprecated: tuple[Deprecated, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def name(self) -> str:
        """What ``--library`` takes."""
        return f"{self.library}-{self.number}"

    def to_bytes(self) -> bytes:
        """Canonical JSON, UTF-8."""
        stored: dict[str, Any] = {
            "schema": SCHEMA,
            "library": self.library,
            "number": self.number,
            "at": self.at,
            "by": self.by,
            "previous": self.previous,
            "history": self.history,
            "references": [each.to_json() | {"signers": asdict(self.signers[each.id])} for each in self.references],
            "statements": as_json(self.statements),
            "families": as_json(self.links),
            "deprecated": [asdict(each) for each in self.deprecated],
            "decisions": [asdict(each) for each in self.decisions],
        }
        return json.dumps(stored, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> ReleaseManifest:
        """The manifest again.

        Raises
        ------
        BrokenRelease
            It is none, or of another schema.
        """
        try:
            stored = json.loads(content)
            if stored["schema"] != SCHEMA:
                raise BrokenRelease(f"this release has the schema {stored['schema']!r}; this engine reads {SCHEMA}")
            listed: Sequence[dict[str, Any]] = stored["references"]
            signers = {each["id"]: Signers(**each.pop("signers")) for each in listed}
            return cls(
                library=stored["library"],
                number=stored["number"],
                at=stored["at"],
                by=stored["by"],
                previous=stored["previous"],
                history=stored["history"],
                references=tuple(StoredReference.from_json(each) for each in listed),
                signers=signers,
                statements=tuple(statement_from_json(each) for each in stored["statements"]),
                links=tuple(link_from_json(each) for each in stored["families"]),
                deprecated=tuple(Deprecated(**each) for each in stored["deprecated"]),
                decisions=tuple(Decision(**each) for each in stored["decisions"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenRelease(f"the manifest of a release cannot be understood ({error})") from None
