"""Whatever is done to a file, the answer is recordings or one sentence, and it comes soon."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_adapters import AdapterError, Recording, Stated, as_spectrum, inspect_file, read
from device_adapters.limits import MAX_FILE_BYTES
from tests.device_adapters.jcamp_encoding import encode_lines, jcamp
from tests.device_adapters.made_files import MADE

VALUES = [int(5000 + 900 * np.sin(i / 4)) for i in range(50)]
WHOLE = {
    form: jcamp(encode_lines(VALUES, form), 50, extra=["##FIRSTY=5000", "##DELTAX=1"])
    for form in ("AFFN", "PAC", "SQZDUP", "DIFDUP")
}
WHOLE["POINTS"] = jcamp(["400,1 401,2", "402,3"], 3, form="##PEAK TABLE=(XY..XY)")
WHOLE |= MADE
WHOLE["TEXT"] = b"# scan\nRaman shift (cm-1),counts\n" + b"".join(b"%d.5,%d\n" % (400 + i, i * i) for i in range(50))

PIECES = st.one_of(
    st.binary(max_size=4),
    st.sampled_from(
        [
            b"##",
            b"\n",
            b"$$",
            b"##END=\n",
            b"##TITLE=\n",
            b"1E999",
            b"-",
            b"?",
            b"S9999999",
            b"%",
            b"E5",
            b"nan",
            b",",
            b"\xff",
        ]
    ),
)


def is_sentence(refusal: AdapterError) -> bool:
    return bool(str(refusal)) and "\n" not in str(refusal)


def only_recordings_or_a_sentence(data: bytes) -> None:
    refusals: list[AdapterError] = []
    recordings: list[Recording] = []
    try:
        recordings = read(data, "a.jdx")
    except AdapterError as refusal:
        refusals.append(refusal)
    assert bool(recordings) != bool(refusals)
    for recording in recordings:
        assert isinstance(recording, Recording)
        for stated in (
            Stated(),
            Stated(technique="raman", laser_nm=785.0),
            Stated(technique="ftir", y_units="absorbance"),
        ):
            try:
                spectrum = as_spectrum(recording, stated)
            except AdapterError as refusal:
                refusals.append(refusal)
            else:
                assert np.isfinite(spectrum.intensity).all()
    assert all(is_sentence(refusal) for refusal in refusals)
    # The last resort of `read` would hide a reader that trips over its own file.
    assert not any("reader cannot follow the file" in str(refusal) for refusal in refusals)


@pytest.mark.parametrize("form", sorted(WHOLE))
@settings(deadline=2000)
@given(data=st.data())
def test_mutated_files(form: str, data: st.DataObject) -> None:
    changed = bytearray(WHOLE[form])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed)))
        removed = data.draw(st.integers(0, 12))
        changed[at : at + removed] = data.draw(PIECES)
    only_recordings_or_a_sentence(bytes(changed))


@pytest.mark.parametrize("form", sorted(WHOLE))
def test_truncated_files(form: str) -> None:
    whole = WHOLE[form]
    for end in range(1, len(whole), 1 + len(whole) // 700):
        only_recordings_or_a_sentence(whole[:end])


@settings(deadline=2000)
@given(data=st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    only_recordings_or_a_sentence(data)
    inspect_file(data, "x")


@settings(deadline=2000)
@given(text=st.text(alphabet='0123456789.,;+-eE \t\n?@AJjSs%#$="nan', max_size=300))
def test_any_text_of_numbers(text: str) -> None:
    only_recordings_or_a_sentence(text.encode())
    only_recordings_or_a_sentence(b"##TITLE=\n##XYDATA=(X++(Y..Y))\n" + text.encode() + b"\n##END=\n")


MEGABYTE = 1 << 20
HEAD = b"##TITLE=\n##NPOINTS=50\n##XYDATA=(X++(Y..Y))\n"


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"0A" + b"1" * MEGABYTE,
        HEAD + b"0 " + b"1" * MEGABYTE,
        HEAD + b" " * MEGABYTE,
        HEAD + b"0" + b"+" * MEGABYTE,
        HEAD + b"0" + b"A" * MEGABYTE,
        HEAD + b"0" + b"AT" * (MEGABYTE // 2),
        HEAD + b"\n" * MEGABYTE,
        HEAD.replace(b"XYDATA=(X++(Y..Y))", b"PEAK ASSIGNMENTS=(XYA)") + b" " * MEGABYTE + b"(,",
        HEAD.replace(b"XYDATA=(X++(Y..Y))", b"PEAK TABLE=(XY..XY)") + b"1," * (MEGABYTE // 2),
        b"##TITLE=" + b" " * MEGABYTE,
        b" " * MEGABYTE + b"##TITLE=",
        b"##TITLE=\n" + b"##XYDATA=(X++(Y..Y))\n0 1 2\n" * 40_000,
        b"1,2\n" * (MEGABYTE // 4),
        b"1" * MEGABYTE + b",2\n1,2\n1,2\n",
        b"a" + b" " * MEGABYTE + b"b:\n1,2\n1,2\n1,2\n",
        (b"key" + b" ," * 2000 + b"\n") * 200 + b"1,2\n1,2\n1,2\n",
        b"1,2," * (MEGABYTE // 4),
    ],
    ids=range(17),
)
def test_large_nonsense_is_answered_soon(data: bytes) -> None:
    began = time.perf_counter()
    only_recordings_or_a_sentence(data)
    assert time.perf_counter() - began < 10.0


MARKS = {
    "rmx": b"scanname a\nccdbias 1\nccdgain 1\n",
    "resolve": b" Resolve,R,Scan ID,1 \nXaxis, SORS, bZero, bOffset\n",
    "mira": b"CreatedDate,1\nIntensities,",
    "pendar": b"#wnum,raman\n",
    "bwtek": b"File Version;BW\nPixel;Raman Shift;Raw data #1;\n",
    "wasatch": b"ENLIGHTEN Version,1\nPixel,Wavenumber,Processed\n",
    "wasatch-json": b'{"ENLIGHTEN Version": ',
    "horiba": b"#Acq. time (s)=\t1\n#Accumulations=\t1\n",
    "horiba-rows": b"#Acq. time (s)=\t1\n#Accumulations=\t1\n\t1\t2\n",
    "horiba-xml": b"<LSX_Data>",
    "truematch": b"[WITEC_TRUEMATCH_ASCII_HEADER]\n[SpectrumData]\n",
    "witec-table": b"X-Axis\ta\nnm\tcts\n",
    "renishaw": b"#X #Y #Wave #Intensity\n",
    "ocean": b"SpectraSuite Data File\n>>>>>Begin Processed Spectral Data<<<<<\n",
    "perkinelmer": b"PE FL SPECTRUM ASCII PEDS 1.60\n\n\n\n\n#GR\nNM\n\n\n\n\n\n9\n\n\n\n#DATA\n",
    "openspecy": b",".join(b"%d" % i for i in range(99)) + b"\n",
    "openspecy-json": b'{"wavenumber": [',
    "rruff": b"##NAMES=a\n##RRUFFID=b\n",
}
FILLS = [
    b"1",
    b"1,",
    b"1 2\n",
    b"1\t",
    b"1;2;3;\n",
    b" ",
    b"\t",
    b"\n",
    b"[",
    b"<a>",
    b"a,b\n",
    b"##a=b\n",
    b"#a=\tb\n",
]


@pytest.mark.parametrize("mark", sorted(MARKS))
@pytest.mark.parametrize("fill", FILLS, ids=range(len(FILLS)))
def test_large_nonsense_below_a_device_s_mark_is_answered_soon(mark: str, fill: bytes) -> None:
    data = MARKS[mark] + fill * (MEGABYTE // (4 * len(fill))) + b"\n"
    began = time.perf_counter()
    only_recordings_or_a_sentence(data)
    assert time.perf_counter() - began < 10.0


def test_the_largest_file_of_one_repetition_is_refused_at_once() -> None:
    data = HEAD + b"0A" + b"T" * (MAX_FILE_BYTES // 8)
    with pytest.raises(AdapterError):
        read(data, "a.jdx")
