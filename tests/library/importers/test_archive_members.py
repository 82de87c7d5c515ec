from __future__ import annotations

import os
import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from library.importers.archive_members import ArchiveLimits, file_members
from library.importers.source import SourceRefused
from tests.library.importers.made_sources import special_entry, split, write_zip


def test_ordinary_files_come_with_their_bytes_and_folders_with_nothing(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"set/": "", "set/a.jdx": "a", "b.jdx": "b"})
    assert split(file_members(path)) == ({"set/a.jdx": b"a", "b.jdx": b"b"}, {})


@pytest.mark.parametrize("name", ["../a.jdx", "x/../../a.jdx", "/etc/a.jdx", "C:\\a.jdx", "..\\a.jdx"])
def test_a_path_that_leads_outside_is_refused_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    path = write_zip(tmp_path / "a.zip", {name: "evil", "good.jdx": "good"})
    members, left_out = split(file_members(path))
    assert members == {"good.jdx": b"good"}
    assert list(left_out.values()) == ["its path leads outside the archive"]


def test_a_name_with_a_nul_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write_zip(path, {"goodX.jdx": "a", "b.jdx": "b"})
    path.write_bytes(path.read_bytes().replace(b"goodX.jdx", b"good\0.jdx"))
    members, left_out = split(file_members(path))
    assert members == {"b.jdx": b"b"}
    assert left_out == {"good\\x00.jdx": "its path leads outside the archive"}


def test_an_entry_that_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"bomb.jdx": b"0" * 4_000_000, "b.jdx": "b"})
    members, left_out = split(file_members(path))
    assert list(members) == ["b.jdx"]
    assert "archive bomb" in left_out["bomb.jdx"]


def test_an_archive_that_is_too_large_as_a_whole_stops_growing(tmp_path: Path) -> None:
    noise = {f"{number}.jdx": os.urandom(40_000) for number in range(5)}
    limits = ArchiveLimits(total_bytes=100_000, member_bytes=50_000)
    members, left_out = split(file_members(write_zip(tmp_path / "a.zip", noise), limits))
    assert list(members) == ["0.jdx", "1.jdx"]
    assert all("unpacks to more than" in reason for reason in left_out.values())
    assert len(left_out) == 3


def test_an_entry_larger_than_a_device_file_may_be_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.jdx": os.urandom(2_000)})
    assert "the limit is" in split(file_members(path, ArchiveLimits(member_bytes=1_000)))[1]["a.jdx"]


def test_an_archive_of_too_many_entries_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {f"{number}.jdx": "x" for number in range(5)})
    with pytest.raises(SourceRefused, match="5 entries"):
        list(file_members(path, ArchiveLimits(members=4)))


def test_two_entries_of_one_name_are_both_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of what this test is about
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in (("a.jdx", "1"), ("a.jdx", "2"), ("B.jdx", "3"), ("b.jdx", "4"), ("c.jdx", "5")):
                archive.writestr(name, content)
    members, left_out = split(file_members(path))
    assert members == {"c.jdx": b"5"}
    assert set(left_out) == {"a.jdx", "B.jdx", "b.jdx"}
    assert "which of them counts" in left_out["a.jdx"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(special_entry("l.jdx", kind), "/etc/passwd")
        archive.writestr("good.jdx", "good")
    members, left_out = split(file_members(path))
    assert members == {"good.jdx": b"good"}
    assert left_out["l.jdx"].startswith("it is")


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"secret.jdx": "s", "good.jdx": "g"})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + offset] |= 1
    path.write_bytes(content)
    members, left_out = split(file_members(path))
    assert members == {"good.jdx": b"g"}
    assert "encrypted" in left_out["secret.jdx"]


def test_an_archive_in_the_archive_is_refused(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", {"a.jdx": "a"}).read_bytes()
    members, left_out = split(file_members(write_zip(tmp_path / "a.zip", {"inner.jdx": inner, "b.jdx": "b"})))
    assert members == {"b.jdx": b"b"}
    assert "archive inside" in left_out["inner.jdx"]


def test_a_damaged_entry_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.jdx": os.urandom(500), "b.jdx": "b"})
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(content)
    members, left_out = split(file_members(path))
    assert members == {"b.jdx": b"b"}
    assert "cannot be unpacked" in left_out["a.jdx"]


def test_a_file_that_is_cut_off_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(write_zip(tmp_path / "whole.zip", {"a.jdx": os.urandom(5_000)}).read_bytes()[:2_000])
    _, left_out = split(file_members(path))
    assert "archive inside" in left_out["a.zip"]  # no archive that can be opened, and no spectrum


def test_a_folder_gives_its_files_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "lab" / "deep").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "s.jdx").write_text("secret", encoding="utf-8")
    (tmp_path / "lab" / "deep" / "a.jdx").write_text("a", encoding="utf-8")
    (tmp_path / "lab" / "file.jdx").symlink_to(tmp_path / "secret" / "s.jdx")
    (tmp_path / "lab" / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "lab" / "pipe.jdx")
    members, left_out = split(file_members(tmp_path / "lab"))
    assert members == {"deep/a.jdx": b"a"}
    assert left_out == {
        "file.jdx": "it is a symbolic link, not a file",
        "folder": "it is a symbolic link, not a file",
        "pipe.jdx": "it is no regular file",
    }


def test_what_an_operating_system_leaves_behind_does_not_count(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"__MACOSX/._a.jdx": "x", "a.jdx": "a", ".DS_Store": "x"})
    assert [getattr(each, "counts", None) for each in file_members(path)] == [False, None, False]


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="does not exist"):
        file_members(tmp_path / "none")
