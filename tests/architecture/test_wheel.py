"""What is installed: four packages, the starter library inside, one command, and nothing of the workshop."""

from __future__ import annotations

import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from reachback import __version__

PACKAGES = {"spectra", "device_adapters", "library", "reachback"}


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> zipfile.ZipFile:
    assert wheel_file.name == f"reachback-{__version__}-py3-none-any.whl"
    return zipfile.ZipFile(wheel_file)


def test_it_holds_the_four_packages_and_nothing_beside(wheel: zipfile.ZipFile) -> None:
    roots = {name.split("/")[0] for name in wheel.namelist()}
    assert roots == PACKAGES | {f"reachback-{__version__}.dist-info"}


def test_it_holds_every_module(wheel: zipfile.ZipFile, modules: dict[str, Path], repository: Path) -> None:
    missing = {file.relative_to(repository).as_posix() for file in modules.values()} - set(wheel.namelist())
    assert missing == set()


def test_it_holds_the_whole_starter_library(wheel: zipfile.ZipFile, repository: Path) -> None:
    shipped = repository / "reference_spectra"
    expected = {
        f"library/_starter/{file.relative_to(shipped).as_posix()}"
        for file in shipped.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert "library/_starter/manifest.csv" in expected
    assert expected - set(wheel.namelist()) == set()


def test_it_holds_the_pages_with_all_they_need(wheel: zipfile.ZipFile, repository: Path) -> None:
    pages = repository / "reachback" / "web"
    expected = {
        file.relative_to(repository).as_posix()
        for folder in ("templates", "static", "catalogues")
        for file in (pages / folder).rglob("*")
        if file.is_file()
    }
    assert "reachback/web/static/js/house.js" in expected
    assert expected - set(wheel.namelist()) == set()


def test_it_holds_the_scripts_of_others_where_they_could_be_fetched(wheel: zipfile.ZipFile) -> None:
    vendor = "reachback/web/static/vendor/"
    held = {name.removeprefix(vendor) for name in wheel.namelist() if name.startswith(vendor)}
    if not held:
        pytest.skip("the npm registry was not within reach when this was built")
    assert {"htmx.min.js", "htmx.LICENSE.txt", "uPlot.iife.min.js", "uPlot.min.css", "uPlot.LICENSE.txt"} <= held


def test_it_leaves_the_workshop_at_home(wheel: zipfile.ZipFile) -> None:
    left = [name for name in wheel.namelist() if "__pycache__" in name or "/tests/" in name or name.endswith(".pyc")]
    assert left == []


def test_it_names_its_command_and_its_licence(wheel: zipfile.ZipFile) -> None:
    folder = f"reachback-{__version__}.dist-info"
    entry_points = wheel.read(f"{folder}/entry_points.txt").decode()
    assert "reachback = reachback.__main__:main" in entry_points
    metadata = HeaderParser().parsestr(wheel.read(f"{folder}/METADATA").decode())
    assert metadata["Name"] == "reachback"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert f"{folder}/licenses/LICENSE" in wheel.namelist()
