from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from library.importers.source import SourceRefused
from library.store import LibraryStore
from reachback.db.files import FileStore
from reachback.library_work import steps
from reachback.library_work.jobs import Job, Told, told_in_words
from reachback.library_work.steps import import_step, sent_file_name


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("comparing ftir references, 1,200 of 5,000", Told(1200, 5000, "comparing ftir references")),
        ("keeping the files", Told(None, None, "keeping the files")),
    ],
)
def test_steps_that_count_in_words_are_understood(said: str, told: Told) -> None:
    assert told_in_words(said) == told


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("published.ZIP", "published.zip"),
        ("../../etc/passwd", "etc-passwd"),
        ("übergabe (2).jdx", "bergabe-2.jdx"),
        (".jdx", "upload.jdx"),
        ("…", "upload"),
        ("a.b/c", "a-b-c"),
    ],
)
def test_a_sent_name_leads_nowhere(name: str, kept: str) -> None:
    assert sent_file_name(name) == kept


def test_an_archive_that_unpacks_to_too_much_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_MOST_UNPACKED", 100)
    LibraryStore.create(tmp_path / "library", "made", "setter up", "2030-01-01T00:00:00Z")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        zipped.writestr("a.jdx", "0" * 101)
    sha256 = FileStore(tmp_path / "uploads").keep(content.getvalue())
    request = {"source": "jcamp", "stated": {}, "file": "a.zip", "sha256": sha256}
    places = (str(tmp_path / "library"), str(tmp_path / "place"), str(tmp_path / "uploads"))
    job = Job("w", "import", *places, "Ann", "2030-01-01T00:00:00Z", (), request)
    with pytest.raises(SourceRefused, match="split it"):
        import_step(job, lambda told: None)
    assert LibraryStore.at(tmp_path / "library").ledger().standings == {}
