from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_adapters import MalformedFile, NotASpectrum, Recording, Stated, as_spectrum, read
from device_adapters.format import Recognition
from device_adapters.formats.spc import FORMAT
from device_adapters.metadata import unfit_entries
from tests.device_adapters.made_binary_files import (
    AXIS,
    EXPLICIT_X,
    LABELS,
    MADE,
    OWN_X,
    SEVERAL,
    SHORT,
    N,
    Y,
    spc,
    spc_log,
    spc_old,
)


def only(data: bytes) -> Recording:
    (recording,) = read(data, "a.spc")
    return recording


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("exponent", "flags"), [(-128, 0), (12, 0), (-3, 0), (10, SHORT), (-128, SHORT), (0, 0)])
def test_a_single_spectrum_in_every_form_of_its_values(order: str, exponent: int, flags: int) -> None:
    y = Y / 2.0**14 if exponent <= 0 and exponent != -128 else Y
    recording = only(spc([y], order=order, exponent=exponent, flags=flags))
    assert recording.format == "spc"
    assert np.allclose(recording.x, AXIS, rtol=1e-12)
    assert np.allclose(recording.y, y, rtol=1e-3 if flags else 1e-6)
    assert (recording.x_units, recording.y_units, recording.technique) == ("cm-1", "counts", "raman")
    assert recording.n_declared == N


def test_values_of_fixed_point_are_exact() -> None:
    whole = np.array([-(2**31), -1, 0, 1, 2**31 - 1], dtype=np.float64)
    recording = only(spc([np.ldexp(whole, 5 - 32)], exponent=5, axis=AXIS[:5]))
    assert recording.y.tolist() == np.ldexp(whole, 5 - 32).tolist()


def test_several_spectra_use_their_own_exponents_and_may_be_mixed_with_floats() -> None:
    data = spc([Y, Y / 2, Y / 4], flags=SEVERAL, exponent=99, own_exponents=[12, -128, 11])
    recordings = read(data, "a.spc")
    assert [recording.index for recording in recordings] == [0, 1, 2]
    for recording, expected in zip(recordings, (Y, Y / 2, Y / 4), strict=True):
        assert np.allclose(recording.y, expected, rtol=1e-6)
    assert [recording.metadata["block"] for recording in recordings] == [
        f"subfile {i + 1} of 3, z = {2 * i} (arbitrary)" for i in range(3)
    ]


def test_rubbish_in_the_exponents_of_float_spectra_is_passed_over() -> None:
    recordings = read(spc([Y, Y / 2], flags=SEVERAL, exponent=-128, own_exponents=[-92, 121]), "a.spc")
    assert np.allclose(recordings[1].y, Y / 2)


def test_a_single_spectrum_uses_the_exponent_of_the_file() -> None:
    assert np.allclose(only(spc(exponent=12, own_exponents=[79])).y, Y)


def test_an_axis_of_its_own_is_read_and_not_rebuilt() -> None:
    bent = AXIS + 3.0 * np.sin(np.arange(N) / 9.0)
    recordings = read(spc([Y, Y], flags=SEVERAL | EXPLICIT_X, axis=bent, own_exponents=[1, 2]), "a.spc")
    assert all(np.array_equal(recording.x, bent.astype(np.float32)) for recording in recordings)


def test_axes_for_each_subfile_are_found_by_the_directory() -> None:
    axes = [AXIS, AXIS[:20] + 7.0, AXIS[5:30]]
    spectra = [Y, Y[:20], Y[5:30]]
    data = spc(spectra, flags=SEVERAL | OWN_X | EXPLICIT_X, exponent=12, own_axes=axes)
    recordings = read(data, "a.spc")
    for recording, x, y in zip(recordings, axes, spectra, strict=True):
        assert np.array_equal(recording.x, x.astype(np.float32))
        assert np.allclose(recording.y, y)
    without = bytearray(data)
    without[4:8] = struct.pack("<I", 0)
    assert [r.x.size for r in FORMAT.read(bytes(without), "a.spc")] == [40, 20, 25]


def test_one_mass_spectrum_counts_its_points_in_the_subfile() -> None:
    data = spc([Y], flags=OWN_X | EXPLICIT_X | LABELS, n_points=0, own_axes=[AXIS], x_code=9, labels=b"\0Abundance\0")
    patched = bytearray(data)
    patched[512 + 16 : 512 + 20] = struct.pack("<I", N)
    recording = only(bytes(patched))
    assert (recording.x_units, recording.y_units, recording.n_declared) == ("m/z", "Abundance", N)
    with pytest.raises(NotASpectrum, match="mass spectrum"):
        as_spectrum(recording, Stated(technique="raman"))


def test_the_old_form() -> None:
    data = spc_old([Y, Y / 2], exponents=[12, 11])
    first, second = read(data, "a.spc")
    assert np.allclose(first.y, Y)
    assert np.allclose(second.y, Y / 2)
    assert np.allclose(first.x, AXIS)
    assert (first.x_units, first.y_units) == ("cm-1", "absorbance")
    assert first.metadata["time_as_written"] == "92-05-14 20:19"
    assert first.metadata["resolution_cm1"] == 8.0
    assert np.allclose(only(spc_old(exponents=[10])).y, Y)


def test_negative_values_of_the_old_form() -> None:
    assert np.allclose(only(spc_old([-Y], exponents=[12])).y, -Y)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (spc_old(n_points=0.5), "declares 0.5 points"),
        (spc_old(n_points=-3.0), "FORMAT"),
        (spc_old()[:2] + struct.pack("<h", -128) + spc_old()[4:], "floating point"),
        (bytes([OWN_X]) + spc_old()[1:], "x values of its own"),
    ],
)
def test_what_the_old_form_cannot_be(data: bytes, why: str) -> None:
    if why == "FORMAT":
        assert FORMAT.recognises(data, "a.spc") is Recognition.NO
        return
    with pytest.raises(MalformedFile, match=why):
        read(data, "a.spc")


def test_a_descending_axis_keeps_its_order_and_passes_the_gate() -> None:
    recording = only(spc([Y], axis=AXIS[::-1] - 500.0))
    assert recording.x[0] == 95.0
    assert recording.x[-1] == -100.0
    assert as_spectrum(recording).axis[0] == -100.0


@pytest.mark.parametrize("first", [0.0, 1.0])
def test_an_axis_that_only_counts_is_points_and_refused(first: float) -> None:
    recording = only(spc([Y], axis=first + np.arange(N, dtype=np.float64), x_code=0))
    assert recording.x_units == "points"
    with pytest.raises(NotASpectrum, match="counts points or pixels"):
        as_spectrum(recording, Stated(technique="raman"))


@pytest.mark.parametrize(
    ("x_code", "units"),
    [(0, "unknown"), (1, "cm-1"), (2, "um"), (3, "nm"), (4, "s"), (5, "min"), (9, "m/z"), (10, "ppm"), (13, "cm-1"),
     (14, "eV"), (16, "points"), (17, "points"), (22, "points"), (20, "unknown")],
)  # fmt: skip
def test_units_of_the_axis(x_code: int, units: str) -> None:
    recording = only(spc(x_code=x_code))
    assert recording.x_units == units
    assert recording.metadata.get("x_units_as_written") == ("temperature (C)" if x_code == 20 else None)


def test_labels_of_the_file_override_its_codes() -> None:
    named = only(spc(flags=LABELS, x_code=0, y_code=0, labels=b"Wavenumber (cm-1)\0(arb)\0"))
    assert (named.x_units, named.y_units, named.technique) == ("cm-1", "(arb)", "unknown")
    ignored = only(spc(x_code=3, labels=b"Wavenumber (cm-1)\0(arb)\0"))
    assert (ignored.x_units, ignored.y_units) == ("nm", "counts")
    assert only(spc(flags=LABELS, x_code=1, y_code=0, labels=b"\0Raman Intensity\0")).technique == "raman"


@pytest.mark.parametrize(
    ("experiment", "x_code", "y_code", "scale", "technique"),
    [
        (11, 3, 4, 1.0, "raman"),
        (0, 13, 0, 1.0, "raman"),
        (4, 1, 2, 0.002, "ftir"),
        (0, 1, 2, 0.002, "ftir"),
        (0, 1, 128, 0.2, "ftir"),
        (0, 1, 2, 1.0, "unknown"),  # an absorbance of 500 is none, and one file of this kind is a Raman spectrum
        (7, 1, 2, 0.002, "unknown"),
        (0, 3, 2, 0.002, "unknown"),
        (4, 1, 4, 1.0, "unknown"),
    ],
)
def test_the_technique_is_what_the_file_says(
    experiment: int, x_code: int, y_code: int, scale: float, technique: str
) -> None:
    assert only(spc([scale * Y], experiment=experiment, x_code=x_code, y_code=y_code)).technique == technique


@pytest.mark.parametrize(("code", "word"), [(7, "UV-VIS spectrum"), (10, "NMR spectrum")])
def test_other_experiments_are_refused_by_name(code: int, word: str) -> None:
    with pytest.raises(NotASpectrum, match=word):
        as_spectrum(only(spc(experiment=code, x_code=1)), Stated(technique="ftir", y_units="absorbance"))


def test_an_interferogram_is_refused() -> None:
    with pytest.raises(NotASpectrum, match="interferogram"):
        as_spectrum(only(spc(x_code=1, y_code=1)), Stated(technique="ftir", y_units="absorbance"))


LOG = (
    b"Operator=nobody\r\nINSTRUMENT = made up\n\rLASER (NM) = 785.04 \r\nno equals sign here\r\n=\r\nPOWER = \r\n"
    b"Exposure_time=Time: 3000\r\nAccumulations=Accumulations: 2\r\nSerial_number=23YH94\r\nSlit_opening=65\xb5m\r\n"
    b"DATE = 27.03.2015 13:25\r\nACQ. TIME (S) = 2.5\r\nDark_subtracted=Yes\r\n\x00rubbish"
)


def test_the_log_tells_of_the_instrument() -> None:
    recording = only(spc(log=spc_log(LOG)))
    said = recording.metadata
    assert said["laser_nm"] == 785.04
    assert (said["operator"], said["instrument"], said["serial"]) == ("nobody", "made up", "23YH94")
    assert (said["integration"], said["accumulations"], said["slit"]) == ("3000", "2", "65µm")
    assert said["integration_s"] == 2.5
    assert said["dark_subtracted"] is True
    assert "laser_power" not in said
    assert said["time_as_written"] == "2024-03-06 11:47", "a sound date of the header comes first"
    assert "no equals sign here" in recording.header
    assert "rubbish" not in recording.header
    assert recording.warnings == ()


@pytest.mark.parametrize("laser", [b"LASER = Low", b"LASER (NM) = 15798", b"LASER (NM) = ", b"Laser=Laser: nm"])
def test_what_is_no_wavelength_is_no_laser(laser: bytes) -> None:
    assert "laser_nm" not in only(spc(log=spc_log(laser))).metadata


def test_a_log_beyond_the_end_is_left_out_with_a_word() -> None:
    recording = only(spc(log_offset=10**6))
    assert recording.warnings == ("the log is said to begin at byte 1,000,000, but the file has 704",)


def test_a_log_that_states_too_small_a_size_is_read_whole() -> None:
    assert only(spc(log=spc_log(LOG, declared=70))).metadata["operator"] == "nobody"


@pytest.mark.parametrize(
    ("date", "written"),
    [
        ((1359, 6, 11, 25, 8), "1359-06-11 25:08"),
        ((117, 3, 27, 14, 22), "117-03-27 14:22"),
        ((0, 0, 10, 0, 0), "0-00-10 00:00"),
    ],
)
def test_a_date_that_cannot_be_stays_as_written(date: tuple[int, int, int, int, int], written: str) -> None:
    recording = only(spc(date=date))
    assert recording.metadata["time_as_written"] == written
    assert written in recording.warnings[0]
    assert "time_utc" not in recording.metadata
    assert only(spc(date=date, log=spc_log(LOG))).metadata["time_as_written"] == "27.03.2015 13:25"


def test_no_date_is_no_date() -> None:
    assert "time_as_written" not in only(spc(date=(0, 0, 0, 0, 0))).metadata


def test_remains_of_the_writers_memory_are_no_text() -> None:
    assert "resolution" not in only(spc(resolution=b"-\x9f%mBx5")).metadata


@pytest.mark.parametrize("name", sorted(name for name in MADE if name.endswith(".spc")))
def test_metadata_keep_to_the_model(name: str) -> None:
    for recording in read(MADE[name], name):
        assert unfit_entries(recording.metadata) == []


def test_a_truncated_file_is_read_as_far_as_it_goes_and_refused_by_the_gate() -> None:
    recording = only(spc()[: 512 + 32 + 4 * 33])
    assert (recording.n_declared, recording.x.size) == (N, 33)
    assert np.allclose(recording.x, AXIS[:33])
    assert recording.warnings == ("40 points declared, 33 found",)
    with pytest.raises(NotASpectrum, match="truncated: 40 declared, 33 found"):
        as_spectrum(recording)


def test_missing_subfiles_are_told() -> None:
    whole = spc([Y, Y, Y], flags=SEVERAL)
    recordings = read(whole[: 512 + 2 * (32 + 4 * N) + 10], "a.spc")
    assert len(recordings) == 2
    assert recordings[0].warnings == ("3 subfiles declared, 2 with points found",)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (spc()[:300], "ends at byte 300, within the header of 512"),
        (spc()[:512], "before its first point"),
        (spc()[:550], "1 found"),
        (spc(n_points=0), "declares no points"),
        (spc(n_points=10), "damaged: 120 bytes from byte 584 on"),
        (spc(n_subfiles=100_000, flags=SEVERAL), "100,000 subfiles"),
    ],
)
def test_what_does_not_add_up_is_refused(data: bytes, why: str) -> None:
    if why == "1 found":
        assert why in only(data).warnings[0]
        return
    with pytest.raises(MalformedFile, match=why):
        read(data, "a.spc")


def test_a_count_of_points_beyond_the_file_allocates_nothing() -> None:
    recording = only(spc(n_points=2**31))
    assert recording.x.size == N
    assert recording.n_declared == 2**31


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04" + bytes(600), b"\x00K" + b"\xff" * 600, b"aKbc,1\n" * 100, b"\x00K", b"\x00N" + spc()[2:]],
)
def test_a_version_byte_alone_makes_no_spc_file(data: bytes) -> None:
    assert FORMAT.recognises(data[:8192], "a.spc") is Recognition.NO


def test_the_extension_is_not_asked() -> None:
    assert FORMAT.recognises(spc(), "a.txt") is Recognition.LIKELY


@given(
    values=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60),
    first=st.floats(-4000.0, 4000.0),
    last=st.floats(-4000.0, 4000.0),
    order=st.sampled_from("<>"),
)
def test_floats_come_back_as_they_were(values: list[float], first: float, last: float, order: str) -> None:
    y = np.array(values)
    axis = np.linspace(first, last, len(values))
    recording = only(spc([y], axis=axis, order=order, date=(0, 0, 0, 0, 0)))
    assert recording.y.tolist() == values
    assert recording.x[0] == axis[0]
    assert np.allclose(recording.x, axis, rtol=1e-9, atol=1e-9)
