"""What a FirstDefender RMX says of a scan: its words verbatim, and the substances in them.

``GLS_NotPositive`` lists a substance and is **not** a hit; a number beside a name is a share of the spectrum or a
score, never a composition.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from device_adapters.decoding import parse_number
from device_adapters.errors import MalformedFile

__all__ = ["describe_result"]

Hit = dict[str, Any]

_FINAL = re.compile(r"finalresult (\S+) (\d{1,6})\s*")
_MIXTURE = re.compile(r"result (Mixture) (\d{1,6})\s*")
_COMPONENT = re.compile(r"(\S+) (\S+) (\S+)\s*")
_FOUND = ("GLS_Single", "GLS_Multiple")
_NOT_FOUND = ("GLS_NoMatch", "GLS_NotPositive")


def describe_result(lines: Sequence[str], first_line: int) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The result as metadata, and warnings.

    Parameters
    ----------
    lines : sequence of str
        From the line ``finalresult …`` or ``result …`` on.
    first_line : int
        Line of the file of the first of them.

    Raises
    ------
    MalformedFile
        A line is not what the result has there, or fewer are there than it declares.
    """
    verbatim = "\n".join(lines).rstrip("\n")
    said: dict[str, Any] = {"device_result": verbatim, "not_composition": True}
    final, mixture = _FINAL.fullmatch(lines[0]), _MIXTURE.fullmatch(lines[0])
    listed = [(line, text) for line, text in enumerate(lines[1:], first_line + 1) if text.strip()]
    if mixture:
        said["device_verdict"] = mixture[1]
        said["device_hits"] = _components(listed, int(mixture[2]), first_line)
        return said, ()
    if final is None:
        return said, (f"line {first_line}: the result {lines[0].strip()[:40]!r} is kept as written and not understood",)
    word = said["device_verdict"] = final[1]
    substances = _substances(listed, int(final[2]), first_line)
    said["device_hits"] = substances if word in _FOUND else []
    if substances and word not in _FOUND:
        said["device_candidates"] = substances
    if word in _FOUND or word in _NOT_FOUND:
        return said, ()
    return said, (f"line {first_line}: the result word {word[:40]!r} is not known, so that nothing counts as found",)


def _substances(listed: list[tuple[int, str]], n_declared: int, first_line: int) -> list[Hit]:
    """Lines of id, name and number between tabs; a name may hold anything but a tab."""
    _refuse_other_count(len(listed), n_declared, first_line)
    hits: list[Hit] = []
    for line, text in listed:
        cells = [cell.strip() for cell in text.split("\t")]
        value = parse_number(cells[2]) if len(cells) == 3 else None
        if value is None:
            raise MalformedFile(
                f"line {line}: id, name and number between tabs should stand here: {text.strip()[:40]!r}"
            )
        hits.append({"id": cells[0], "name": cells[1], "value": value})
    return hits


def _components(listed: list[tuple[int, str]], n_declared: int, first_line: int) -> list[Hit]:
    """Two lines a component: id, number and a flag; then the name behind tabs."""
    _refuse_other_count(len(listed), 2 * n_declared, first_line)
    hits: list[Hit] = []
    for (line, numbers), (_, name) in zip(listed[::2], listed[1::2], strict=True):
        match = _COMPONENT.fullmatch(numbers)
        value = parse_number(match[2]) if match else None
        if match is None or value is None or not name.startswith("\t"):
            raise MalformedFile(f"line {line}: a component should stand here in two lines: {numbers.strip()[:40]!r}")
        hits.append({"id": match[1], "name": name.strip(), "value": value})
    return hits


def _refuse_other_count(n_found: int, n_needed: int, first_line: int) -> None:
    if n_found != n_needed:
        raise MalformedFile(
            f"line {first_line}: the result declares {n_needed} lines below it, {n_found} were found: export the scan"
            " again"
        )
