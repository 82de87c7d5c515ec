"""A foreign distribution in our place is refused before anything of it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from reachback.foreign_packages import ForeignPackage, find_foreign_package, refusal

REPOSITORY = Path(__file__).resolve().parents[2]


def install(site: Path, name: str, record: str = "", top_level: str = "") -> None:
    """Lay down what an installer leaves behind for a distribution."""
    folder = site / f"{name.replace('-', '_')}-9.9.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\n", encoding="utf-8")
    if record:
        (folder / "RECORD").write_text(record, encoding="utf-8")
    if top_level:
        (folder / "top_level.txt").write_text(top_level, encoding="utf-8")


def start(site: Path) -> subprocess.CompletedProcess[str]:
    """Start the real command with a further folder of installed packages in front."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(REPOSITORY)])}
    return subprocess.run(
        [sys.executable, "-m", "reachback", "--help"],
        env=environment,
        cwd=site,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("record", "top_level", "package"),
    [
        ("spectra/__init__.py,sha256=x,10\n", "", "spectra"),
        ("a/__init__.py,,\nspectra/color.py,,\n", "", "spectra"),
        ("library.py,,\n", "", "library"),
        ("library.cpython-311-x86_64-linux-gnu.so,,\n", "", "library"),
        ("", "tests\ndevice_adapters\n", "device_adapters"),
        ("reachback/__init__.py,,\n", "", "reachback"),
    ],
)
def test_a_foreign_owner_of_each_name_is_found(tmp_path: Path, record: str, top_level: str, package: str) -> None:
    install(tmp_path, "somebody-elses", record, top_level)
    assert find_foreign_package(distributions(path=[str(tmp_path)])) == ForeignPackage(package, "somebody-elses")


@pytest.mark.parametrize(
    "record",
    [
        "spectra_tools/__init__.py,,\n",
        "astropy/spectra/__init__.py,,\n",
        "library_of_things.py,,\n",
        "librarylike/x.so,,\n",
        "../../share/spectra/a,,\n",
    ],
)
def test_a_similar_name_is_nobodys_business(tmp_path: Path, record: str) -> None:
    install(tmp_path, "harmless", record)
    assert find_foreign_package(distributions(path=[str(tmp_path)])) is None


@pytest.mark.parametrize("spelling", ["reachback", "Reachback"])
def test_our_own_installation_passes(tmp_path: Path, spelling: str) -> None:
    install(tmp_path, spelling, "library/__init__.py,,\nreachback/__init__.py,,\nspectra/__init__.py,,\n")
    assert find_foreign_package(distributions(path=[str(tmp_path)])) is None


def test_an_editable_installation_passes(tmp_path: Path) -> None:
    install(tmp_path, "reachback", "_reachback.pth,,\nreachback-0.1.0.dist-info/METADATA,,\n")
    assert find_foreign_package(distributions(path=[str(tmp_path)])) is None


def test_the_environment_of_the_tests_is_clean() -> None:
    assert find_foreign_package() is None


def test_the_command_refuses_to_run_beside_a_foreign_package(tmp_path: Path) -> None:
    install(tmp_path, "spectra", "spectra/__init__.py,,\n")
    (tmp_path / "spectra").mkdir()
    (tmp_path / "spectra" / "__init__.py").write_text("print('foreign code ran')\n", encoding="utf-8")
    refused = start(tmp_path)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == refusal(ForeignPackage("spectra", "spectra")) + "\n"
    assert "pip uninstall spectra" in refused.stderr


def test_the_command_runs_without_one(tmp_path: Path) -> None:
    install(tmp_path, "harmless", "harmless/__init__.py,,\n")
    started = start(tmp_path)
    assert started.returncode == 0, started.stderr
    assert "identify" in started.stdout
