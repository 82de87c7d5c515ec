"""Text exports of real instruments against the values of others, other exports, and a plain second reading."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from device_adapters import (
    AdapterError,
    NotASpectrum,
    Recording,
    Stated,
    Unstated,
    as_spectrum,
    read,
)
from tests.conftest import REPOSITORY
from tests.device_adapters.test_real_files import differences, index_of, names_in

READ = {
    "handheld": (3, {}),
    "ascii": (
        26,
        {
            "30849.RFL8": "an Avantes AvaSoft file: export it as text",
            "feather.RFL8": "an Avantes AvaSoft file: export it as text",
            "J_PIR_AVRIL2016_0001.TRM": "an old Avantes AvaSoft file: export it as text",
            "NEW0601.TRM": "an old Avantes AvaSoft file: export it as text",
            "BB_PF21_4.ProcSpec": "an Ocean Optics ProcSpec archive: export it as tab-delimited text",
            "Anatase__R060277__Broad_Scan____0__unoriented__Raman_Data_RAW__21346.rruf": "text without a table",
        },
    ),
    "bwtek": (9, {}),
    "dpt": (2, {}),
    "horiba": (10, {}),
    "witec": (
        2,
        {
            "nofilename_X-Axis.txt": "one column of numbers, the axis or the ordinates alone",
            "nofilename_Y-Axis.txt": "one column of numbers, the axis or the ordinates alone",
        },
    ),
}


def of(shared_data: Path, name: str) -> list[Recording]:
    path = shared_data / "device_files" / name
    return read(path.read_bytes(), path.name)


@pytest.mark.parametrize("folder", sorted(READ))
def test_every_file_of_the_folder_is_read_or_refused_with_advice(shared_data: Path, folder: str) -> None:
    n_expected, refused = READ[folder]
    n_read, reasons = 0, {}
    for path in names_in(shared_data, folder):
        try:
            recordings = read(path.read_bytes(), path.name)
        except AdapterError as reason:
            reasons[path.name] = str(reason)
            continue
        n_read += 1
        assert not any(recording.breaks_off for recording in recordings)
        assert all(recording.n_declared in (None, recording.x.size) for recording in recordings)
    assert n_read == n_expected
    assert set(reasons) == set(refused)
    assert all(refused[name] in reason for name, reason in reasons.items())


def test_files_with_values_of_an_independent_reader_agree(shared_data: Path) -> None:
    index = index_of(shared_data)
    with_values = [name for name, row in index.items() if name.split("/")[0] in READ and row["n_points"]]
    assert len(with_values) == 3
    for name in with_values:
        assert differences(of(shared_data, name), index[name]) == []


def test_a_first_defender_file(shared_data: Path) -> None:
    scan, dark = of(shared_data, "handheld/rmx_Scan010.txt")
    assert scan.metadata["device_result"] == "finalresult GLS_NoMatch 0"
    assert scan.metadata["device_hits"] == []
    assert len(scan.metadata["device_peaks"]) == 24
    assert (scan.metadata["gain"], scan.metadata["read_noise"], scan.metadata["bias"]) == (
        4.045375, 10.387852, 989.027832,
    )  # fmt: skip
    assert np.array_equal(scan.x, dark.x)
    assert dark.y.min() > scan.metadata["bias"]
    spectrum = as_spectrum(scan)
    assert spectrum.n_points == 2048
    # The device's own list of peaks is a second opinion on axis and ordinate.
    for position, *_ in scan.metadata["device_peaks"]:
        near = np.abs(spectrum.axis - position) < 15
        assert spectrum.intensity[near].max() > spectrum.intensity[near].min()
    with pytest.raises(NotASpectrum, match="only belongs to a scan"):
        as_spectrum(dark)


def test_a_mira_file_says_no_technique(shared_data: Path) -> None:
    (scan,) = of(shared_data, "handheld/mira_Scan00050.csv")
    with pytest.raises(Unstated, match="does not say its technique"):
        as_spectrum(scan)
    assert dict(scan.metadata) == {}


def plainly(path: Path, column: int) -> np.ndarray:
    """A column of a B&W Tek file, read in the plainest way there is."""
    rows = [line.split(";") for line in path.read_text("latin-1").splitlines() if line[:1].isdigit()]
    values = [row[column].replace(",", ".").strip() for row in rows if len(row) > 10]
    return np.array([float(value) if value else math.nan for value in values])


def test_bwtek_agrees_with_a_plain_reading(shared_data: Path) -> None:
    saturated = set()
    for path in names_in(shared_data, "bwtek"):
        scan, *_ = read(path.read_bytes(), path.name)
        shift, dark_subtracted = plainly(path, 3), plainly(path, 7)
        assert shift.size == 2048
        assert np.array_equal(scan.x, shift[~np.isnan(shift)])
        assert np.array_equal(scan.y, dark_subtracted[~np.isnan(shift)])
        if scan.metadata["is_saturated"]:
            saturated.add(path.name)
        if path.name.startswith("lamp"):
            assert any("not raw minus dark" in warning for warning in scan.warnings)
    assert "S0B02_iRPlus785_Z020_100_full.txt" in saturated
    assert "NIST_785nm_100%_2500msx3_1.txt" not in saturated


def test_one_instrument_writes_two_decimal_marks_and_two_lasers(shared_data: Path) -> None:
    comma, *_ = of(shared_data, "bwtek/PST02_iRPlus785_Z020_100_1300ms.txt")
    point, *_ = of(shared_data, "bwtek/S0B02_iRPlus785_Z020_100_full.txt")
    other, *_ = of(shared_data, "bwtek/NIST_785nm_100%_2500msx3_1.txt")
    assert comma.metadata["software"] == point.metadata["software"]
    assert (comma.metadata["laser_nm"], point.metadata["laser_nm"], other.metadata["laser_nm"]) == (
        784.82,
        784.82,
        784.9,
    )
    assert set(comma.x) < set(point.x)  # one calibration, the longer range


def test_bwtek_agrees_with_the_spc_that_was_made_of_it(shared_data: Path) -> None:
    row = index_of(shared_data)["spc/PST10_iR532_Probe_100_3000msx7.spc"]
    (scan, *_) = of(shared_data, "bwtek/PST10_iR532_Probe_100_3000msx7.txt")
    inside = (scan.x >= float(row["x_first"])) & (scan.x <= float(row["x_last"]))
    # The SPC was interpolated to 1 cm^-1: its highest point is a little above the highest pixel.
    assert scan.y[inside].max() == pytest.approx(float(row["y_max"]), rel=0.06)


def test_three_exports_of_one_openspecy_spectrum_agree(shared_data: Path) -> None:
    (table,) = of(shared_data, "ascii/raman_hdpe.csv")
    (tree,) = of(shared_data, "ascii/raman_hdpe.json")
    (row,) = of(shared_data, "ascii/raman_hdpe_os.csv")
    assert np.array_equal(table.x, tree.x)
    assert np.array_equal(table.y, tree.y)
    assert np.array_equal(row.y, tree.y)
    assert np.abs(row.x - tree.x).max() <= 0.5
    assert (table.technique, tree.technique, row.technique) == ("unknown", "raman", "raman")


def test_wasatch_csv_and_json_agree_and_old_and_new_headers_are_read(shared_data: Path) -> None:
    tree = of(shared_data, "ascii/wasatch-enlighten-scope.json")[0]
    table = of(shared_data, "ascii/wasatch-enlighten-scope.csv")[0]
    assert np.abs(tree.x - table.x).max() <= 0.00501
    old = of(shared_data, "ascii/wasatch-enlighten-raman.csv")[0]
    new = of(shared_data, "ascii/acetonitrile.csv")[0]
    assert (old.x_units, old.metadata["laser_nm"]) == ("nm", 785.0)
    assert (new.x_units, new.metadata["laser_nm"], new.n_missing) == ("cm-1", 785.041, 10)
    assert as_spectrum(new).n_points == 2038
    # The shift the software wrote is that of its wavelengths and its laser.
    lines = (shared_data / "device_files" / "ascii" / "acetonitrile.csv").read_text().splitlines()
    nanometres = np.array([float(line.split(",")[1]) for line in lines if line.count(",") == 3 and line[0].isdigit()])
    assert np.abs(1e7 / 785.041 - 1e7 / nanometres - new.x).max() < 0.2
    assert as_spectrum(old).axis[0] == pytest.approx(1e7 / 785.0 - 1e7 / 792.33)
    for name in ("absorbance", "transmission", "scope"):
        with pytest.raises(NotASpectrum, match="the file calls it"):
            as_spectrum(of(shared_data, f"ascii/wasatch-enlighten-{name}.csv")[0], Stated(technique="raman"))


def test_wasatch_json_agrees_with_plain_json(shared_data: Path) -> None:
    path = shared_data / "device_files" / "ascii" / "wasatch-enlighten-absorbance.json"
    curves = json.loads(path.read_text())["spectrum"]
    for recording in read(path.read_bytes(), path.name):
        assert np.array_equal(recording.y, curves[recording.title])


def test_horiba_xml_agrees_with_the_limits_it_states(shared_data: Path) -> None:
    for name, x_limits, y_limits in (
        ("jobinyvon_test_spec.xml", (522.57373046875, 537.361206054688), (727.0, 1496.0)),
        (
            "jobinyvon_test_spec_3s_abs-cm-1.xml",
            (12957.3876953125, 13871.7841796875),
            (83.3333358764648, 166.33332824707),
        ),
        ("jobinyvon_test_spec_3s_cm-1.xml", (1930.57287597656, 2844.96899414063), (83.3333358764648, 166.33332824707)),
        ("jobinyvon_test_spec_range.xml", (720.924255371094, 879.318420410156), (181.123260498047, 312.61328125)),
        ("jobinyvon_test_map_x3-y2.xml", (720.924255371094, 771.796752929688), (108.5, 295.5)),
    ):
        scans = of(shared_data, f"horiba/{name}")
        assert len(scans) == (6 if "map" in name else 1)
        assert (scans[0].x.min(), scans[0].x.max()) == pytest.approx(x_limits, rel=1e-5)
        ordinates = np.concatenate([scan.y for scan in scans])
        assert (ordinates.min(), ordinates.max()) == pytest.approx(y_limits, rel=1e-5)
        assert scans[0].metadata["laser_nm"] == 632.817


def test_one_measurement_in_shift_and_in_absolute_wavenumbers(shared_data: Path) -> None:
    (shift,) = of(shared_data, "horiba/jobinyvon_test_spec_3s_cm-1.xml")
    (absolute,) = of(shared_data, "horiba/jobinyvon_test_spec_3s_abs-cm-1.xml")
    assert np.array_equal(shift.y, absolute.y)
    assert np.allclose(1e7 / shift.metadata["laser_nm"] - absolute.x, shift.x, atol=0.2)


def test_a_horiba_map_has_the_intensities_the_file_lists_beside_it(shared_data: Path) -> None:
    scans = of(shared_data, "horiba/jobinyvon_test_map_x3-y2.xml")
    assert scans[5].metadata["block"] == "X 2 µm, Y 1 µm"
    assert scans[0].y[:3].tolist() == [275.5, 214.5, 206.5]


def test_horiba_text_in_columns_and_in_rows(shared_data: Path) -> None:
    (scan,) = of(shared_data, "horiba/acetonitrile_473nm.txt")
    plain = np.array(
        [
            line.split()
            for line in (shared_data / "device_files/horiba/acetonitrile_473nm.txt").read_text("latin-1").splitlines()
            if not line.startswith("#")
        ],
        dtype=float,
    )
    assert np.array_equal(np.column_stack([scan.x, scan.y]), plain)
    assert (scan.metadata["laser_nm"], scan.metadata["resolution_cm1"]) == (473.0, 31.1)
    assert as_spectrum(scan).axis[0] == pytest.approx(-560.91)
    rows = of(shared_data, "horiba/lasertest1.txt")
    assert [row.metadata["block"] for row in rows] == ["Points 1", "Points 2", "Points 3"]
    assert rows[1].y[0] == 342.509
    (old,) = of(shared_data, "horiba/LiNbWO6-0-H.txt")
    assert (old.x_units, old.technique, old.y_units) == ("cm-1", "raman", "unknown")


def test_the_axis_of_renishaw_text_is_that_of_the_spc_beside_it(shared_data: Path) -> None:
    row = index_of(shared_data)["spc/nCal_Qontor785_z005H12_100_1x3s.spc"]
    (scan,) = of(shared_data, "ascii/nCal_Qontor785_z005H12_100_1x3s.txt")
    assert (scan.x.size, scan.x[0], scan.x[-1]) == (
        int(row["n_points"]),
        pytest.approx(float(row["x_first"]), rel=1e-5),
        pytest.approx(float(row["x_last"]), rel=1e-5),
    )
    points = of(shared_data, "ascii/CC-125_TAP_multipoint.txt")
    assert [point.x.size for point in points] == [1015] * 4
    assert points[3].title == "X -32.2557, Y -9.48529"


def test_witec_texts(shared_data: Path) -> None:
    scans = of(shared_data, "witec/Witec-Map_full.txt")
    row = index_of(shared_data)["spc/Witec-timeseries.spc"]  # of the same instrument, so on the same axis
    assert len(scans) == 25
    assert (scans[0].x[0], scans[0].x[-1]) == pytest.approx((float(row["x_first"]), float(row["x_last"])), rel=1e-5)
    assert scans[1].title == "Map_000_Spec.Data 1_F(1/0)"
    first, second = of(shared_data, "witec/Witec_TrueMatch.txt")
    assert (first.n_declared, second.n_declared) == (1024, 1024)
    assert as_spectrum(first).laser_nm == pytest.approx(532.200988769531)


def test_ocean_avantes_and_perkinelmer(shared_data: Path) -> None:
    (ocean,) = of(shared_data, "ascii/OO_comma.txt")
    assert (ocean.x.size, ocean.x[0], ocean.y[3]) == (2048, 178.23, -1746.154)
    (ocean,) = of(shared_data, "ascii/UK5.txt")
    assert (ocean.x.size, ocean.n_declared) == (1044, 1044)
    result, sample, *beside = of(shared_data, "ascii/NEW0601.ttt")
    dark, reference = beside
    transmittance = 100 * (sample.y - dark.y) / (reference.y - dark.y)
    assert np.median(np.abs(transmittance - result.y)) < 0.01
    (fluorescence,) = of(shared_data, "ascii/flu1.txt")
    assert (fluorescence.x.size, fluorescence.y.min()) == (181, 27.15)
    assert fluorescence.warnings == ()  # the largest ordinate is the one the file states


@pytest.mark.parametrize(
    "name",
    [
        "bwtek/PST02_iRPlus532_Z050_100_2500msx5.txt",
        "bwtek/PST02_iRPlus785_Z050_075_3200ms.txt",
        "bwtek/PST10_iR532_Probe_100_3000msx7.txt",
        "ascii/PST_AfCal_10min_532nm_EZI860.txt",
    ],
)
def test_scans_of_polystyrene_have_the_bands_of_the_standard(shared_data: Path, name: str) -> None:
    """ASTM E1840 through the starter library: axis and ordinate belong together, on instruments as they were found."""
    (standard,) = read((REPOSITORY / "reference_spectra" / "raman" / "polystyrene.jdx").read_bytes(), "polystyrene.jdx")
    scan = as_spectrum(of(shared_data, name)[0])
    bands = [band for band in standard.x[standard.y >= 250] if band < scan.axis[-1]]
    assert len(bands) >= 3
    for band in bands:
        near = np.abs(scan.axis - band) < 14
        assert abs(scan.axis[near][np.argmax(scan.intensity[near])] - band) < 3.0


@pytest.mark.parametrize(
    ("name", "counts_its_points"),
    [
        ("handheld/rmx_Scan010.txt", True),
        ("bwtek/NIST_785nm_100%_2500msx3_1.txt", True),
        ("ascii/acetonitrile.csv", True),
        ("ascii/OO_comma.txt", True),
        ("horiba/jobinyvon_test_spec_3s_cm-1.xml", True),
        ("ascii/raman_hdpe.json", True),
        ("horiba/acetonitrile_473nm.txt", False),
        ("witec/Witec-Map_full.txt", False),
        ("ascii/nCal_Qontor785_z005H12_100_1x3s.txt", False),
    ],
)
def test_no_truncated_real_file_passes_the_gate(shared_data: Path, name: str, counts_its_points: bool) -> None:
    data = (shared_data / "device_files" / name).read_bytes()
    if name.startswith("handheld"):
        data = data[: data.index(b"spectrumdark")]  # a cut in the dark scan leaves the scan whole
    stated = Stated(technique="raman") if "nCal" in name or "OO_" in name else None
    as_spectrum(read(data, name)[0], stated)
    for per_mille in range(3, 999, 31):
        cut = data[: len(data) * per_mille // 1000]
        if not counts_its_points:
            cut = cut.rstrip(b"\r\n")
        with pytest.raises(AdapterError):
            as_spectrum(read(cut, name)[0], stated)
