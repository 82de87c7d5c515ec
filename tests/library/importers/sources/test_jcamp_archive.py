from __future__ import annotations

from pathlib import Path

import numpy as np

from library.folder import open_folder
from library.importers.source import Identity
from library.importers.sources.jcamp_archive import SOURCE
from spectra.spectrum import Technique
from tests.library.importers.made_sources import AXIS, KEY, block, link, reasons, run, table, write_zip


def test_an_archive_of_files_becomes_a_library_that_opens(tmp_path: Path) -> None:
    files = {
        "IR/17n.JDX": block("#0017n - alpha", 1, CAS_REGISTRY_NO="50-36-2", __INCHIKEY=KEY, ORIGIN="Working Group"),
        "IR/18n.JDX": block("#0018n/2 - beta", 2, CAS_NAME="beta-1\nbeta-2", OWNER="all rights reserved"),
        "README.txt": "how to use this",
    }
    imported = run(SOURCE, write_zip(tmp_path / "ir.zip", files), tmp_path / "out")
    assert (imported.n_references, imported.n_substances) == (2, 2)
    assert list(reasons(imported)) == ["README.txt"]
    first, second = table(tmp_path / "out" / "manifest.csv")
    assert (first["substance"], first["cas"], first["inchikey"]) == ("alpha", "50-36-2", KEY)
    assert first["source"] == "Working Group, no. 0017n, file 17n.JDX"
    assert (second["substance"], second["licence"]) == ("beta", "all rights reserved")
    (said,) = table(tmp_path / "out" / "substances.csv")
    assert (said["substance"], said["synonyms"], said["date"]) == ("beta", "beta-1;beta-2", "2026-01-01")
    (references,) = open_folder(tmp_path / "out").references().values()
    assert len(references) == 2
    assert references[0].spectrum.mode == "ATR"
    # The file itself is the reference, as it came.
    kept = tmp_path / "out" / first["file"]
    assert kept.read_text(encoding="utf-8") == files["IR/17n.JDX"]


def test_missing_ordinates_are_left_out_of_the_curve_and_of_nothing_else(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.jdx": block("alpha", 1, missing=(7, 8, 300), CAS_REGISTRY_NO="50-36-2")})
    run(SOURCE, path, tmp_path / "out")
    spectrum = open_folder(tmp_path / "out").references()[Technique.FTIR][0].spectrum
    assert spectrum.n_points == AXIS.size - 3
    assert not np.isin(AXIS[[7, 8, 300]], spectrum.axis).any()


def test_measurements_in_a_compound_s_link_block_are_all_its_own(tmp_path: Path) -> None:
    inner = [block(f"measurement {number}", number) for number in (1, 2, 3)]
    text = link("alpha hydrochloride", *inner, CAS_REGISTRY_NO="50-36-2", __FORM="hydrochloride")
    imported = run(SOURCE, write_zip(tmp_path / "a.zip", {"alpha.jdx": text}), tmp_path / "out")
    rows = table(tmp_path / "out" / "manifest.csv")
    assert [(row["substance"], row["form"]) for row in rows] == [("alpha hydrochloride", "hydrochloride")] * 3
    assert len({row["file"] for row in rows}) == 3
    assert imported.n_substances == 1
    references = open_folder(tmp_path / "out").references()[Technique.FTIR]
    assert len({each.spectrum.intensity.tobytes() for each in references}) == 3


def test_blocks_of_a_collection_stand_for_themselves(tmp_path: Path) -> None:
    text = link("Infrared library, part 1", block("alpha", 1), block("beta", 2))
    run(SOURCE, write_zip(tmp_path / "a.zip", {"part1.jdx": text}), tmp_path / "out")
    assert [row["substance"] for row in table(tmp_path / "out" / "manifest.csv")] == ["alpha", "beta"]


def test_a_compound_with_many_files_is_one_substance(tmp_path: Path) -> None:
    files = {f"{number}.jdx": block(f"#{number}n - alpha", number, CAS_REGISTRY_NO="50-36-2") for number in range(4)}
    imported = run(SOURCE, write_zip(tmp_path / "a.zip", files), tmp_path / "out")
    assert (imported.n_references, imported.n_substances, imported.conflicts) == (4, 1, ())


def test_names_are_mapped_to_what_is_known(tmp_path: Path) -> None:
    known = Identity("alpha", synonyms=("street alpha",), controlled=True, watch=True, substance_class="opioid")
    path = write_zip(tmp_path / "a.zip", {"a.jdx": block("Street alpha HCl", 1)})
    run(SOURCE, path, tmp_path / "out", (known,), controlled=None)
    (row,) = table(tmp_path / "out" / "manifest.csv")
    assert [row[name] for name in ("substance", "form", "class", "controlled", "watch", "name_as_written")] == [
        *("alpha", "hydrochloride", "opioid", "yes", "yes", "Street alpha HCl")
    ]


def test_what_cannot_be_used_is_named_with_its_reason_and_the_rest_is_there(tmp_path: Path) -> None:
    whole = block("alpha", 1, CAS_REGISTRY_NO="50-36-2")
    files = {
        "good.jdx": whole,
        "nameless.jdx": block("", 2),
        "cut.jdx": block("beta", 3)[:900],
        "raman.jdx": block("gamma", 4).replace("INFRARED SPECTRUM", "RAMAN SPECTRUM"),
        "empty.jdx": "",
        "table.csv": "1,2\n3,4\n",
        "twice.jdx": whole + "\n",
        "same.jdx": whole,
    }
    imported = run(SOURCE, write_zip(tmp_path / "a.zip", files), tmp_path / "out", technique="ftir")
    left_out = reasons(imported)
    assert set(left_out) == {"nameless.jdx", "cut.jdx", "raman.jdx", "empty.jdx", "table.csv", "same.jdx"}
    assert "no name, no InChIKey and no CAS" in left_out["nameless.jdx"]
    assert "the file says raman, but ftir was stated" in left_out["raman.jdx"]
    assert "the very same numbers as good.jdx" in left_out["same.jdx"]
    assert table(tmp_path / "out" / "left_out.csv") == [
        {"file": file, "reason": reason} for file, reason in left_out.items()
    ]
    assert imported.n_references == 2


def test_the_real_archive_s_files_are_all_imported(shared_data: Path, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in sorted((shared_data / "ir_library").glob("*.jdx"))}
    imported = run(SOURCE, write_zip(tmp_path / "enfsi.zip", files), tmp_path / "out")
    assert (imported.n_references, imported.left_out) == (len(files), ())
    assert {each.kind for each in imported.conflicts} <= {"forms_of_one_name"}
    assert all(row["cas"] or row["inchikey"] for row in table(tmp_path / "out" / "manifest.csv"))
