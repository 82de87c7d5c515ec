"""The archive of a case."""

from __future__ import annotations

import io
import zipfile

import pytest

from reachback.replies.package_zip import pack, safe_name


def test_order_and_time_do_not_change_the_bytes() -> None:
    files = {"b.txt": b"two", "a/1.txt": b"one"}
    packed = pack(files)
    assert pack(dict(reversed(files.items()))) == packed
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["a/1.txt", "b.txt"]
        assert archive.read("b.txt") == b"two"
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\scans\\a.spc", "a.spc"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("a\nb\x00c.jdx", "a_b_c.jdx"),
        ("Проба 1.jdx", "Проба 1.jdx"),
    ],
)
def test_names_of_uploads_lead_nowhere(name: str, safe: str) -> None:
    assert safe_name(name) == safe
