"""What a release or an import is asked with, and how a piece of work is written for every face."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from device_adapters.stated import Stated
from library.importers.registry import source_named
from library.importers.source import Source, SourceRefused
from reachback.clock import as_utc_text
from reachback.library_work.models import LibraryWork, LibraryWorkHold, WorkState
from reachback.plain_text import PlainText
from reachback.problems import Unprocessable

__all__ = [
    "SOURCES",
    "DecisionBody",
    "DecisionsBody",
    "ImportAsked",
    "WorkJson",
    "import_asked",
    "source_of",
    "work_as_json",
]

# Those that read one file which somebody can send. A matrix bundle is a folder: it is imported at the command line.
SOURCES = ("jcamp", "folder", "rruff", "openspecy", "ramanbiolib")
_LONGEST = 200
_STATED = ("technique", "mode", "laser_nm", "y_units")

Key = Annotated[PlainText, StringConstraints(min_length=1, max_length=100)]
Decision = Annotated[PlainText, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class DecisionBody(BaseModel):
    """A decision with its reason; where the question is about status, whether it is controlled (and on watch)."""

    model_config = ConfigDict(extra="forbid")

    because: Decision
    controlled: bool | None = None
    watch: bool | None = None


class DecisionsBody(BaseModel):
    """What somebody decides about the conflicts of an import, by conflict id."""

    model_config = ConfigDict(extra="forbid")

    decisions: Annotated[dict[Key, DecisionBody], Field(min_length=1, max_length=10_000)]


class ProgressJson(BaseModel):
    """How far it is: ``done`` of ``all`` where that can be counted, and what happens now."""

    done: int | None
    all: int | None
    words: str | None


class WorkJson(BaseModel):
    """A piece of library work."""

    work_id: str
    kind: str
    state: str
    asked_by: str
    asked_at: str
    ended_at: str | None
    request: dict[str, Any]
    progress: ProgressJson
    reason: str | None
    result: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """An import: which source, what is said of all of it, and the file, which RamanBiolib does not need."""

    source: str
    stated: Mapping[str, Any]
    file_name: str | None
    content: bytes

    @property
    def key(self) -> str:
        """The same for the same bytes with the same statements."""
        whole = [self.source, dict(self.stated), self.file_name, hashlib.sha256(self.content).hexdigest()]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def import_asked(source: str, fields: Mapping[str, str | None], file_name: str | None, content: bytes) -> ImportAsked:
    """An import from the fields of a form; Unprocessable names the field that is wrong."""
    chosen = source_of(source)
    if chosen.default_path() is None and not content:
        if source == "ramanbiolib":
            raise Unprocessable("source: the package ramanbiolib is not installed beside this service")
        raise Unprocessable(f"file: nothing was sent, or an empty file; {source} reads {chosen.reads}")
    said = {name: value.strip() for name in _STATED if (value := fields.get(name) or "").strip()}
    stated: dict[str, Any] = {**said}
    if "laser_nm" in said:
        try:
            stated["laser_nm"] = float(said["laser_nm"])
        except ValueError:
            raise Unprocessable("laser_nm: write the wavelength in nm, as a number") from None
    try:
        Stated(**stated)
    except ValueError as error:
        raise Unprocessable(str(error)) from None
    controlled, licence = (fields.get("controlled") or "").strip(), (fields.get("licence") or "").strip()
    if controlled not in ("", "yes", "no"):
        raise Unprocessable("controlled: write yes or no, or leave it empty")
    if len(licence) > _LONGEST or len(said.get("mode", "")) > _LONGEST:
        raise Unprocessable(f"licence, mode: write at most {_LONGEST} letters")
    stated |= {"controlled": controlled} if controlled else {}
    stated |= {"licence": licence} if licence else {}
    name = file_name if content else None
    return ImportAsked(source, stated, name, content if name else b"")


def source_of(name: str) -> Source:
    """A source that can be imported from here."""
    if name in SOURCES:
        try:
            return source_named(name)
        except SourceRefused as error:
            raise Unprocessable(f"source: {error}") from None
    raise Unprocessable(f"source: choose one of {', '.join(SOURCES)}")


def work_as_json(work: LibraryWork, hold: LibraryWorkHold) -> dict[str, Any]:
    """As every face writes it."""
    is_running = work.state == WorkState.RUNNING
    shown = {key: value for key, value in work.request.items() if key != "decisions"}
    return {
        "work_id": work.id,
        "kind": work.kind,
        "state": work.state,
        "asked_by": work.by_name,
        "asked_at": as_utc_text(work.asked_at),
        "ended_at": None if work.ended_at is None else as_utc_text(work.ended_at),
        "request": shown,
        "progress": {
            "done": hold.n_done if is_running else None,
            "all": hold.n_all if is_running else None,
            "words": hold.words if is_running else None,
        },
        "reason": work.reason,
        "result": work.result,
    }
