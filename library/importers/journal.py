"""What an import has done so far, a line a member: a killed import goes on, a repeated one reads only news.

A line is written when everything it speaks of is on disk; a last line that a kill cut short is cut off.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from library.errors import OutputRefused
from library.importers.source import Identity, LeftOut, Member

__all__ = ["JOURNAL_FOLDER", "Done", "Journal", "Kept", "member_digest", "prepare_folder"]

JOURNAL_FOLDER = ".import"
_SCHEMA = "reachback.import/1"


@dataclass(frozen=True, slots=True)
class Kept:
    """One reference that lies in the folder, before anything is decided about its name."""

    reference: str
    identity: Identity
    technique: str
    mode: str | None
    details: Mapping[str, str]
    origin: str
    content: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one member."""

    digest: str
    kept: tuple[Kept, ...]
    left_out: tuple[LeftOut, ...]


def member_digest(member: Member) -> str:
    """SHA-256 over the bytes of a member and what the source's table says of it."""
    whole = hashlib.sha256(hashlib.sha256(member.content).digest())
    whole.update(json.dumps(sorted(member.said.items())).encode())
    return whole.hexdigest()


class Journal:
    """The journal of one folder.

    Parameters
    ----------
    folder : Path
        Where the import goes.
    settings : mapping of str to str
        What the reading depends on beside the files: the source and the user's statements.

    today : str
        The day, ISO 8601; a journal that goes on keeps the one it began with, as ``begun``.

    Raises
    ------
    OutputRefused
        The folder holds an import with other settings, or a damaged one.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str], today: str) -> None:
        self._path = folder / JOURNAL_FOLDER / "journal.jsonl"
        self._done: dict[tuple[str, str], Done] = {}
        header = {"schema": _SCHEMA, **settings}
        self.begun = today
        if self._path.is_file():
            self._load(folder, header)
        else:
            self._path.write_text(json.dumps({**header, "begun": today}) + "\n", encoding="utf-8")
        self._stream = self._path.open("a", encoding="utf-8")

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def find(self, name: str, digest: str) -> Done | None:
        """What came of this member with these bytes, where it was read already and its references still lie there."""
        done = self._done.get((name, digest))
        folder = self._path.parent.parent
        if done is None or not all((folder / each.reference.partition("#")[0]).is_file() for each in done.kept):
            return None
        return done

    def add(self, name: str, done: Done) -> None:
        """Remember a member whose references lie in the folder."""
        self._done[name, done.digest] = done
        self._stream.write(json.dumps({"name": name, **asdict(done)}, ensure_ascii=False) + "\n")
        self._stream.flush()

    def _load(self, folder: Path, header: Mapping[str, str]) -> None:
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        lines = whole.decode("utf-8", errors="replace").splitlines()
        try:
            found = json.loads(lines[0]) if lines else {}
            self.begun = found.pop("begun", self.begun)
            if found != header:
                raise OutputRefused(
                    f"{folder} holds an import of another source or with other statements; choose another folder"
                )
            for line in lines[1:]:
                name, done = _done(json.loads(line))
                self._done[name, done.digest] = done
        except (ValueError, KeyError, TypeError):
            raise OutputRefused(f"{self._path} is damaged; remove {folder} and import again") from None
        if len(whole) < len(content):
            with self._path.open("r+b") as stream:
                stream.truncate(len(whole))


def prepare_folder(folder: Path) -> Path:
    """The folder of the journal, made where there is none yet.

    Raises
    ------
    OutputRefused
        Something else than an import lies there.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OutputRefused(f"{folder} exists and is no folder; choose another place")
    ours = folder / JOURNAL_FOLDER
    if folder.is_dir() and not ours.is_dir() and any(folder.iterdir()):
        raise OutputRefused(f"{folder} is not empty and holds no import; choose another folder or remove it")
    ours.mkdir(parents=True, exist_ok=True)
    return ours


def _done(read: Mapping[str, Any]) -> tuple[str, Done]:
    kept = tuple(Kept(**{**each, "identity": _identity(each["identity"])}) for each in read["kept"])
    left_out = tuple(LeftOut(**each) for each in read["left_out"])
    return read["name"], Done(read["digest"], kept, left_out)


def _identity(read: Mapping[str, Any]) -> Identity:
    return Identity(**{**read, "synonyms": tuple(read["synonyms"])})
