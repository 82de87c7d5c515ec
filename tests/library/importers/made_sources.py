"""Small archives and folders that tests write: names and curves that belong to nobody."""

from __future__ import annotations

import csv
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from device_adapters.stated import Stated
from library.importers.importing import Imported, Statements, import_library
from library.importers.known_substances import KnownSubstances
from library.importers.source import Identity, LeftOut, Member, Source
from tests.library.made_library import curve

AXIS = np.arange(500.0, 3500.1, 4.0)
KEY = "AAAAAAAAAAAAAA-UHFFFAOYSA-N"  # a shape, and no substance's
OTHER_KEY = "BBBBBBBBBBBBBB-UHFFFAOYSA-N"


def block(title: str, seed: int, missing: tuple[int, ...] = (), **labels: str) -> str:
    """One JCAMP-DX block; ``missing`` points are written as ``?``."""
    values = [str(round(value * 1e5)) for value in curve(seed, AXIS)]
    for place in missing:
        values[place] = "?"
    lines = [f"##TITLE={title}", "##JCAMP-DX=4.24", "##DATA TYPE=INFRARED SPECTRUM"]
    lines += [f"##{label.replace('__', '$').replace('_', ' ')}={value}" for label, value in labels.items()]
    lines += ["##SAMPLING PROCEDURE=ATR", "##XUNITS=1/CM", "##YUNITS=ABSORBANCE", f"##FIRSTX={AXIS[0]}"]
    lines += [f"##LASTX={AXIS[-1]}", "##DELTAX=4.0", "##XFACTOR=1.0", "##YFACTOR=0.00001", f"##NPOINTS={AXIS.size}"]
    lines += ["##XYDATA=(X++(Y..Y))"]
    lines += [f"{AXIS[at]} {' '.join(values[at : at + 8])}" for at in range(0, AXIS.size, 8)]
    return "\n".join([*lines, "##END=", ""])


def link(title: str, *blocks: str, **labels: str) -> str:
    """A LINK block around others."""
    lines = [f"##TITLE={title}", "##JCAMP-DX=4.24", "##DATA TYPE=LINK", f"##BLOCKS={len(blocks) + 1}"]
    lines += [f"##{label.replace('__', '$').replace('_', ' ')}={value}" for label, value in labels.items()]
    return "\n".join([*lines, *blocks, "##END=", ""])


def write_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def special_entry(name: str, kind: int) -> zipfile.ZipInfo:
    """An entry that is a link or a device."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | stat.S_IRWXU) << 16
    return info


def run(
    source: Source,
    path: Path,
    out: Path,
    known: tuple[Identity, ...] = (),
    *,
    controlled: bool | None = False,
    technique: str | None = None,
    y_units: str | None = None,
) -> Imported:
    statements = Statements(Stated(technique=technique, y_units=y_units), controlled)
    return import_library(source, path, out, KnownSubstances(known), statements, "2026-01-01")


def reasons(imported: Imported) -> dict[str, str]:
    return {each.file: each.reason for each in imported.left_out}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def split(found: object) -> tuple[dict[str, bytes], dict[str, str]]:
    """Members by name, and what was left out by name."""
    members: dict[str, bytes] = {}
    left_out: dict[str, str] = {}
    for each in found:  # type: ignore[attr-defined]
        if isinstance(each, Member):
            members[each.name] = each.content
        elif isinstance(each, LeftOut):
            left_out[each.file] = each.reason
    return members, left_out
