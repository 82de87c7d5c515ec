from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from library.folder import open_folder
from library.importers.sources.openspecy import SOURCE
from spectra.spectrum import Technique
from tests.library.importers.made_sources import reasons, run, table
from tests.library.made_library import curve

AXIS = np.arange(600.0, 3000.0, 6.0)


def export(path: Path, kinds: list[str], units: str = "absorbance", names: list[str] | None = None) -> Path:
    names = names or [f"polymer {number}" for number in range(len(kinds))]
    content = {
        "wavenumber": AXIS.tolist(),
        "spectra": {f"V{i}": curve(i, AXIS).round(6).tolist() for i in range(len(kinds))},
        "metadata": {
            "spectrum_identity": names,
            "spectrum_type": kinds,
            "intensity_units": [units] * len(kinds),
            "organization": ["made"] * len(kinds),
            "license": ["CC0"] * len(kinds),
            "cas_number": ["9002-88-4"] * len(kinds),
            "material_form": ["pellet"] * len(kinds),
        },
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_every_spectrum_of_an_export_is_a_reference(tmp_path: Path) -> None:
    imported = run(SOURCE, export(tmp_path / "library.json", ["FTIR", "FTIR", "Raman"]), tmp_path / "out")
    assert (imported.n_references, imported.left_out) == (3, ())
    rows = table(tmp_path / "out" / "manifest.csv")
    assert [row["technique"] for row in rows] == ["ftir", "ftir", "raman"]
    assert {(row["form"], row["licence"], row["source"], row["cas"]) for row in rows} == {
        ("pellet", "CC0", "OpenSpecy, made", "9002-88-4")
    }
    found = open_folder(tmp_path / "out").references()
    assert {technique: len(each) for technique, each in found.items()} == {Technique.FTIR: 2, Technique.RAMAN: 1}
    np.testing.assert_allclose(found[Technique.FTIR][1].spectrum.intensity, curve(1, AXIS).round(6), rtol=1e-12)


def test_transmittance_is_kept_as_absorbance(tmp_path: Path) -> None:
    path = export(tmp_path / "a.json", ["FTIR", "FTIR"], units="transmittance")
    run(SOURCE, path, tmp_path / "out")
    (found,) = open_folder(tmp_path / "out").references().values()
    expected = -np.log10(np.clip(curve(0, AXIS).round(6), 1e-6, None))
    np.testing.assert_allclose(found[0].spectrum.intensity, expected, atol=1e-9)


def test_a_spectrum_without_identity_or_technique_is_left_out(tmp_path: Path) -> None:
    path = export(tmp_path / "a.json", ["FTIR", "", "FTIR"], names=["a", "b", ""])
    content = json.loads(path.read_text(encoding="utf-8"))
    content["metadata"]["cas_number"] = ["9002-88-4", "", ""]
    path.write_text(json.dumps(content), encoding="utf-8")
    left_out = reasons(run(SOURCE, path, tmp_path / "out"))
    assert "technique" in left_out["a.json, recording 2"]
    assert "no name" in left_out["a.json, recording 3"]
