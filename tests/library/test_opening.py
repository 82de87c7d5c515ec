from __future__ import annotations

from pathlib import Path

import pytest

from library.errors import NotALibrary
from library.manifest import MANIFEST_NAME
from library.opening import open_library, starter_folder


def test_the_starter_library_is_there() -> None:
    assert (starter_folder() / MANIFEST_NAME).is_file()


def test_a_name_that_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(NotALibrary, match="no such folder and no such release"):
        open_library(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(NotALibrary, match="is a file"):
        open_library(tmp_path / "file")
    with pytest.raises(NotALibrary, match=r"has no manifest\.csv"):
        open_library(tmp_path)


def test_steps_are_told_while_a_folder_is_compiled(folder: Path) -> None:
    told: list[str] = []
    open_library(folder, told.append)
    assert any("preprocessing ftir references, 6 of 6" in step for step in told)
    assert any("calibrating on ftir references" in step for step in told)
    told.clear()
    open_library(folder, told.append)
    assert told == []
