"""The files of an imported folder library: originals under names of ours, matrices, and the three tables."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from library.importers.conflicts import Conflict, Named
from library.importers.decisions import DECIDED_COLUMN, decided_cells
from library.importers.journal import Kept, member_digest
from library.importers.source import Curve, Found, LeftOut, Member
from library.manifest import REQUIRED_COLUMNS

__all__ = [
    "LEFT_OUT_NAME",
    "answered_cells",
    "keep_references",
    "left_out_csv",
    "manifest_csv",
    "substances_csv",
    "write_text_safely",
]

LEFT_OUT_NAME = "left_out.csv"
DETAILS = ("instrument", "laser_nm", "resolution", "lot", "purity", "operator", "measured_at", "may_be_passed_on")
EVIDENCE = "evidence"  # of a reference that grew from a case
WRITTEN = ("watch", "schedules", *DETAILS, "provenance", EVIDENCE, "identity", DECIDED_COLUMN)
FURTHER_COLUMNS = ("name_as_written", "conflicts")  # nobody needs to read them but a person


def keep_references(folder: Path, member: Member, found: Sequence[Found]) -> tuple[Kept, ...]:
    """Lay the references of a member into the folder, each file written beside and renamed.

    A file that holds one spectrum is kept as it is; several spectra of one file go into a matrix for each axis.
    """
    digest = member_digest(member)
    places: dict[int, str] = {}
    matrices: dict[bytes, list[int]] = {}
    for position, each in enumerate(found):
        if each.curve is None:
            places[position] = _keep_original(folder, member, digest)
        else:
            matrices.setdefault(each.curve.axis.tobytes(), []).append(position)
    for number, positions in enumerate(matrices.values(), start=1):
        curves = [curve for position in positions if (curve := found[position].curve) is not None]
        name = _keep_matrix(folder, f"spectra/{_stem(member.name)}-{digest[:10]}-{number}.npz", curves)
        places |= {position: f"{name}#{row}" for row, position in enumerate(positions)}
    return tuple(_kept(member, each, places[position]) for position, each in enumerate(found))


def manifest_csv(kept: Sequence[Kept], named: Sequence[Named], conflicts: Iterable[Conflict]) -> str:
    """The manifest, in the order of the source; a reference in a conflict bears the conflict's id."""
    questions: dict[str, list[Conflict]] = {}
    for conflict in conflicts:
        for reference in conflict.references:
            questions.setdefault(reference, []).append(conflict)
    text = io.StringIO()
    table = csv.DictWriter(text, (*REQUIRED_COLUMNS, *WRITTEN, *FURTHER_COLUMNS), lineterminator="\n")
    table.writeheader()
    for each, known in zip(kept, named, strict=True):
        asked = questions.get(each.reference, [])
        table.writerow({**_cells(each, known, ";".join(question.id for question in asked)), **answered_cells(asked)})
    return text.getvalue()


def answered_cells(questions: Iterable[Conflict]) -> Mapping[str, str]:
    """Cells of a row that the answers to the questions about its reference fill."""
    return decided_cells((each.kind, each.decided) for each in questions if each.decided is not None)


def substances_csv(named: Sequence[Named], date: str) -> str:
    """The synonyms that the source states, with the source and the day they were read (``library.substances``)."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("substance", "form", "synonyms", "source", "date"))
    rows: dict[tuple[str, str], tuple[dict[str, None], str]] = {}
    for each in named:
        identity = each.identity
        words = [word for word in (each.resolved.as_written, *identity.synonyms) if word and word != identity.name]
        if words:
            found, _ = rows.setdefault((identity.name, identity.form or ""), ({}, identity.source or "not stated"))
            found.update(dict.fromkeys(word.replace(";", ",") for word in words))
    for (name, form), (words_of_all, source) in rows.items():
        table.writerow((name, form, ";".join(words_of_all), source, date))
    return text.getvalue()


def left_out_csv(left_out: Iterable[LeftOut]) -> str:
    """What was not imported, and why."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("file", "reason"))
    for each in left_out:
        table.writerow((each.file, each.reason))
    return text.getvalue()


def write_text_safely(path: Path, text: str) -> None:
    """Write a file beside and rename it, so that nobody ever sees half of it."""
    _write_beside(path, text.encode())


def _cells(kept: Kept, known: Named, marks: str) -> Mapping[str, str]:
    identity = known.identity
    return {
        "file": kept.reference,
        "substance": identity.name,
        "form": identity.form or "",
        "cas": identity.cas or "",
        "inchikey": identity.inchikey or "",
        "class": identity.substance_class or "",
        "controlled": "yes" if identity.controlled else "no",
        "technique": kept.technique,
        "mode": kept.mode or "",
        "source": identity.source,
        "licence": identity.licence or "not stated",
        "watch": "yes" if (identity.controlled if identity.watch is None else identity.watch) else "no",
        "schedules": identity.schedules,
        **{name: kept.details.get(name, "") for name in DETAILS},
        EVIDENCE: kept.details.get(EVIDENCE, ""),
        "provenance": "; ".join(filter(None, (f"from {kept.origin}", kept.details.get("provenance")))),
        "identity": "" if identity.inchikey or identity.cas else identity.known_by or "",
        "name_as_written": known.resolved.as_written,
        "conflicts": marks,
    }


def _keep_original(folder: Path, member: Member, digest: str) -> str:
    suffix = PurePosixPath(member.name).suffix
    ending = suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""
    # Two members with the same bytes and different rows of a manifest are two references.
    name = f"files/{_stem(member.name)}-{digest[:10]}{ending}"
    _write_beside(folder / name, member.content)
    return name


def _keep_matrix(folder: Path, name: str, curves: Sequence[Curve]) -> str:
    content = io.BytesIO()
    np.savez(content, axis=curves[0].axis, intensity=np.stack([curve.intensity for curve in curves]))
    _write_beside(folder / name, content.getbuffer())
    return name


def _stem(name: str) -> str:
    """A file name of ours that still reminds of theirs."""
    return re.sub(r"[^a-z0-9]+", "-", PurePosixPath(name).stem.casefold()).strip("-")[:60] or "file"


def _write_beside(path: Path, content: bytes | memoryview) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def _kept(member: Member, found: Found, reference: str) -> Kept:
    origin = member.name if found.index == 0 else f"{member.name}#{found.index}"
    numbers = member.content if found.curve is None else _numbers(found.curve.axis, found.curve.intensity)
    content = hashlib.sha256(numbers).hexdigest()
    details = dict(found.details)
    return Kept(reference, found.identity, found.technique.value, found.mode, details, origin, content)


def _numbers(axis: NDArray[np.float64], intensity: NDArray[np.floating]) -> bytes:
    return json.dumps([axis.size, intensity.size]).encode() + axis.tobytes() + intensity.tobytes()
