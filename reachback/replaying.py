"""Replay an identification: the same file, the same release and the same engine give the same answer, bit for bit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device_adapters.errors import AdapterError
from device_adapters.reading import load_bytes
from device_adapters.stated import Stated
from library.model import OpenLibrary
from reachback import __version__
from reachback.errors import ReplayRefused
from reachback.identification_json import SCHEMA, identification_as_json
from reachback.identifying import Verdict, identify_bytes

__all__ = ["Replayed", "read_identifications", "replay"]

UNCOMPARED = ("timing_ms",)  # how long it took is no part of the answer


@dataclass(frozen=True, slots=True)
class Replayed:
    """One answer, given again.

    Parameters
    ----------
    scan : str
        File and index, as the answer names them.
    same : bool
    causes : tuple of str
        What was not the same beforehand: engine, release, calibration, file; in words.
    differences : tuple of str
        Where the answers part: ``components[0].share: 0.91 is now 0.9`` …
    """

    scan: str
    same: bool
    causes: tuple[str, ...]
    differences: tuple[str, ...]


def read_identifications(path: Path) -> list[dict[str, Any]]:
    """Elements of an answer as ``identify --json`` or the service gave it; one element alone is welcome too.

    Raises
    ------
    ReplayRefused
        The file cannot be read, or holds no identification.
    """
    try:
        stored = json.loads(path.read_bytes())
    except OSError as error:
        raise ReplayRefused(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ReplayRefused(f"{path} is no JSON; give what 'reachback identify --json' has written") from None
    elements = stored.get("results", [stored.get("identification", stored)]) if isinstance(stored, dict) else None
    if not isinstance(elements, list) or not elements or not all(_is_element(each) for each in elements):
        raise ReplayRefused(f"{path} holds no identification of the schema {SCHEMA}")
    return elements


def _is_element(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), dict) for name in ("scan", "library"))


def replay(
    elements: Sequence[Mapping[str, Any]], files: Sequence[str], open_library: Callable[[str], OpenLibrary]
) -> Iterator[Replayed]:
    """Give each answer again, and compare.

    Parameters
    ----------
    elements : sequence of mapping
        Of `read_identifications`.
    files : sequence of str
        The original files, in any order; each answer finds its own by the SHA-256.
    open_library : callable
        Given the name of a release, as the answer names it.

    Raises
    ------
    ReplayRefused
        A file cannot be read, or the file of an answer is not among them.
    LibraryError
        The release is not here.
    """
    contents = dict(_content(file) for file in files)
    opened: dict[str, OpenLibrary] = {}
    for element in elements:
        scan, named = element["scan"], element["library"]
        content = contents.get(str(scan.get("sha256")))
        if content is None:
            raise ReplayRefused(f"none of the files named is {scan.get('file')} (SHA-256 {scan.get('sha256')})")
        name = f"{named.get('name')}-{named.get('release')}"
        if name not in opened:
            opened[name] = open_library(name)
        yield _replayed(element, content, opened[name])


def _content(file: str) -> tuple[str, bytes]:
    try:
        content = load_bytes(file)
    except AdapterError as error:
        raise ReplayRefused(f"{file}: {error}") from None
    return hashlib.sha256(content).hexdigest(), content


def _replayed(element: Mapping[str, Any], content: bytes, library: OpenLibrary) -> Replayed:
    scan = element["scan"]
    where = f"{scan.get('file')} [{scan.get('index', 0)}]"
    again = _again(element, content, library)
    if again is None:
        return Replayed(where, False, tuple(_causes(element, None)), ("this engine gives no verdict for this scan",))
    differences = tuple(_differences(_compared(element), _compared(again), ""))
    return Replayed(where, not differences, tuple(_causes(element, again)), differences)


def _again(element: Mapping[str, Any], content: bytes, library: OpenLibrary) -> dict[str, Any] | None:
    """The element once more, through JSON and back, so that both have been written once."""
    scan = element["scan"]
    said = scan.get("stated_by_user") or {}
    laser = said.get("laser_nm")
    stated = Stated(
        technique=said.get("technique"),
        mode=said.get("mode"),
        laser_nm=None if laser is None else float(laser),
        y_units=said.get("y_units"),
    )
    for answer in identify_bytes(content, str(scan.get("file")), library, stated):
        if isinstance(answer, Verdict) and answer.identification.spectrum.provenance.index == scan.get("index", 0):
            result: dict[str, Any] = json.loads(json.dumps(identification_as_json(answer.identification, library)))
            return result
    return None


def _compared(element: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in element.items() if name not in UNCOMPARED}


def _causes(element: Mapping[str, Any], again: Mapping[str, Any] | None) -> Iterator[str]:
    if element.get("engine") != __version__:
        yield f"the answer was given by engine {element.get('engine')}, this is {__version__}"
    if again is None:
        return
    for name, what in (("digest", "release"), ("calibration", "calibration")):
        before, now = element["library"].get(name), again["library"].get(name)
        if before != now:
            yield f"the {what} had the digest {str(before)[:12]}, here it has {str(now)[:12]}"


def _differences(before: Any, now: Any, where: str) -> Iterator[str]:
    """Places where two JSON values part, in words."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*before, *now]):
            place = f"{where}.{name}" if where else str(name)
            if name not in before or name not in now:
                yield f"{place} is {'new' if name not in before else 'gone'}"
            else:
                yield from _differences(before[name], now[name], place)
    elif isinstance(before, list) and isinstance(now, list):
        if len(before) != len(now):
            yield f"{where} has {len(now)} entries, had {len(before)}"
        for number, (one, other) in enumerate(zip(before, now, strict=False)):
            yield from _differences(one, other, f"{where}[{number}]")
    elif before != now or type(before) is not type(now):
        yield f"{where}: {before!r} is now {now!r}"
