from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from device_adapters import EmptyFile, FileTooLarge, UnknownFormat, UnreadableFile, load_bytes, read
from device_adapters.limits import MAX_FILE_BYTES
from tests.device_adapters.jcamp_encoding import jcamp


def test_every_recording_bears_the_hash_of_the_bytes() -> None:
    data = jcamp(["400 1 2 3", "403 4 5 6"], 6) * 2
    recordings = read(data, "a.jdx")
    assert [recording.sha256 for recording in recordings] == [hashlib.sha256(data).hexdigest()] * 2


@pytest.mark.parametrize("name", ["scan.spc", "scan.pdf", "scan", "scan.csv"])
def test_the_content_decides_and_not_the_name(name: str) -> None:
    assert read(jcamp(["400 1 2 3"], 3), name)[0].format == "jcamp-dx"


def test_no_bytes_are_refused() -> None:
    with pytest.raises(EmptyFile, match="is empty"):
        read(b"", "a.jdx")


def test_too_many_bytes_are_refused_before_anything_is_read() -> None:
    with pytest.raises(FileTooLarge, match=r"32\.0 MiB, the limit is 32 MiB"):
        read(bytes(MAX_FILE_BYTES + 1), "a.jdx")


@pytest.mark.parametrize(
    ("data", "look"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "a PNG picture"),
        (b"\xff\xd8\xff\xe0" + bytes(30), "a JPEG picture"),
        (b"PK\x03\x04" + bytes(30), "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an OLE2 compound file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "DataSpectrumStorage".encode("utf-16-le"), "a Shimadzu UV-VIS file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "StingrayViewParms".encode("utf-16-le"), "an Agilent infrared image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "an Excel workbook"),
        (b"\x00rG" + bytes(600), "a part of an Agilent infrared image"),
        (b"ENVI\nsamples = 8\n", "the header of an ENVI image"),
        (b"LabSpec6" + bytes(600), "a HORIBA LabSpec file: export it as text"),
        (b"WIT_PR06" + bytes(600), "a WITec project"),
        (b"Spectral Exte File" + bytes(600), "a series of Thermo OMNIC"),
        (b"<?xml version='1.0'?><AnIML></AnIML>", "an AnIML document"),
        (b"\x00\x4b" + bytes(range(256)), "a Galactic SPC file with a damaged header"),
        (bytes(512), "nothing but zero bytes"),
        (bytes(range(256)) * 2, "the format of these bytes is not known"),
        (b"<html><body>400 1</body></html>", "a web page"),
        (b'{"shift": [1, 2]}', "a JSON document"),
        (b" \n \n", "a text of blanks"),
        (b"just words", "text without a table"),
    ],
)
def test_what_no_format_takes_is_described_with_the_export_to_make(data: bytes, look: str) -> None:
    with pytest.raises(UnknownFormat, match=look) as refused:
        read(data, "a.jdx")
    assert any(word in str(refused.value) for word in ("JCAMP-DX", "as text", "as SPC"))
    assert "\n" not in str(refused.value)


def test_a_missing_file_a_folder_and_a_pipe_have_their_sentences(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="there is no such file"):
        load_bytes(tmp_path / "missing.jdx")
    with pytest.raises(UnreadableFile, match="this is a folder"):
        load_bytes(tmp_path)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        load_bytes("a\x00b")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UnreadableFile, match="no regular file"):
        load_bytes(pipe)


def test_a_file_too_large_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "large.jdx"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(FileTooLarge):
        load_bytes(path)
