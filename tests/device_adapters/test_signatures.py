from __future__ import annotations

import io
import struct
import zipfile

import pytest

from device_adapters import UnknownFormat, read


def procspec() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("ps_1.xml", "<a/>")
        archive.writestr("OOIVersion.txt", "3")
    return content.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"AVS84" + bytes(range(256)), "an Avantes AvaSoft file: export it as text"),
        (
            struct.pack("<10f", 70.0, *b"0606052U1") + bytes(range(200)),
            "an old Avantes AvaSoft file: export it as text",
        ),
        (struct.pack("<10f", 60.0, 235.3, 0.29, 1e-5, -2e-9, 0.0, *b"0411") + bytes(40), "an old Avantes AvaSoft file"),
        (procspec(), "an Ocean Optics ProcSpec archive: export it as tab-delimited text"),
        (b"1.5\n2.5\n3.5\n4.5\n", "one column of numbers, the axis or the ordinates alone"),
    ],
)
def test_files_of_known_instruments_are_named_with_the_export_to_make(data: bytes, sentence: str) -> None:
    with pytest.raises(UnknownFormat, match=sentence):
        read(data, "a")
