"""Judge the shipped engine on the measured test data, and write the figures into ``docs/accuracy.md``.

    python scripts/measure_accuracy.py DATA [--quick] [--half all|even|odd] [--processes 2]

DATA is the folder of measured test data. What stands between the two marks of the document is replaced; the words
around them are written by people, who should read the new figures before they keep the old words.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from library.compile import today  # noqa: E402
from reachback import __version__  # noqa: E402
from reachback.validation.cases import open_cases  # noqa: E402
from reachback.validation.judging import judge  # noqa: E402
from reachback.validation.readable import as_markdown  # noqa: E402
from reachback.validation.report import SCHEMA, Report, report_of  # noqa: E402
from reachback.validation.trials import FULL, NOTHING, QUICK, Amount, Half  # noqa: E402

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
DOCUMENT = REPOSITORY / "docs" / "accuracy.md"
# What ir_more files under the stimulants and ir_library would file under the synthetic cathinones, by their structure;
# the names are those of its manifest.
CATHINONES = frozenset(
    {
        "2-MEC",
        "3-MMC",
        "4'-Methyl-alpha-pyrrolidinobutyrophenone",
        "4-Methyl-N,N-dimethylcathinone",
        "4-Methyl-PV8",
        "4'-Ph-PVP",
        "alpha-Pyrrolidinobutyrophenone",
        "bk-MPA",
        "Ethylcathinone",
        "Ethylone",
        "Flephedrone",
        "MDPEP",
        "MDPHP",
        "N-ethylheptedrone",
        "N-Methylethylone",
        "PV9",
        "NiPP",
        "NsB-Valerophenone",
    }
)
TRANSFERRED = ("naphthalene_microscope_00.jdx", "naphthalene")


def more_by_family(data: Path, folder: Path) -> Path:
    """The cases of ir_more under the families of ir_library, so that a family that is right does not count as wrong."""
    shutil.copytree(data / "ir_more", folder)
    manifest = folder / "manifest.csv"
    with manifest.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        if row["substance"] in CATHINONES:
            row["class"] = "synthetic cathinone"
    with manifest.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder


def transfer_library(data: Path, folder: Path) -> Path:
    """Solvents and powders, and one microscope scan of naphthalene; the other scans are to be named with it."""
    folder.mkdir()
    rows: list[dict[str, Any]] = []
    for source in ("raman_liquids", "raman_powders"):
        with (data / source / "library" / "manifest.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                name = f"{source}_{row['file']}"
                shutil.copy(data / source / "library" / row["file"], folder / name)
                rows.append({**row, "file": name})
    file, substance = TRANSFERRED
    shutil.copy(data / "raman_transfer" / file, folder / file)
    rows.append({"file": file, "substance": substance, "controlled": "no", "technique": "raman"})
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, list(rows[0]), restval="", extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    return folder


def transfer_cases(data: Path, instrument: str, folder: Path) -> Path:
    """Scans of one instrument with what is in them; never the scan that is the reference."""
    folder.mkdir()
    lines = ["file,components"]
    for path in sorted((data / "raman_transfer").glob(f"*_{instrument}_*.jdx")):
        if path.name != TRANSFERRED[0]:
            shutil.copy(path, folder / path.name)
            lines.append(f"{path.name},{path.name.split('_')[0]}")
    (folder / "expected.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def runs(data: Path, scratch: Path, amount: Amount) -> Iterator[tuple[str, Path, Path, Amount]]:
    """What is judged: a title, the library, the cases, how much is simulated."""
    by_family = scratch / "data"  # a case folder is named by its last two parts
    by_family.mkdir()
    yield "ir_library, negatives ir_more", data / "ir_library", more_by_family(data, by_family / "ir_more"), amount
    for name in ("raman_liquids", "raman_powders"):
        yield name, data / name / "library", data / name / "mixtures", amount
    transfer = scratch / "raman_transfer"
    transfer.mkdir()
    library = transfer_library(data, transfer / "library")
    for instrument in ("microscope", "handheld"):
        cases = transfer_cases(data, instrument, transfer / instrument)
        yield f"raman_transfer, {instrument}", library, cases, NOTHING


def section(title: str, report: Report) -> str:
    """One report as a part of the document: headings two levels lower, pictures left out."""
    text, _ = as_markdown(report, "picture")
    blocks = [block for block in text.split("\n\n") if not block.startswith(("![", "# "))]
    lower = [f"##{block}" if block.startswith("#") else block for block in blocks]
    return f"## {title}\n\n" + "\n\n".join(lower).strip()


def main() -> None:
    """Judge everything, then write the document once."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--half", choices=[half.value for half in Half], default="all")
    options.add_argument("--processes", type=int, default=2)
    chosen = options.parse_args()
    parts, fingerprint, half = [], "", Half(chosen.half)
    with tempfile.TemporaryDirectory() as scratch:
        for title, library, cases, amount in runs(chosen.data, Path(scratch), QUICK if chosen.quick else FULL):
            print(title, file=sys.stderr)
            folder = open_cases(cases)
            opened, judged, remarks = judge(
                library, folder, amount=amount, half=half, seed=1, processes=chosen.processes
            )
            report = report_of(opened, folder, judged, remarks, date=today(), seed=1, half=half, quick=chosen.quick)
            parts.append(section(title, report))
            fingerprint = opened.engine
    head = f"Measured on {today()} with engine {__version__} ({fingerprint}), report schema `{SCHEMA}`."
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    figures = "\n\n".join([head, *parts])
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
