"""Small files in the text formats of devices, written after their grammar with numbers of our own."""

from __future__ import annotations

import json
from collections.abc import Sequence

__all__ = ["MADE", "PEAKS", "bwtek", "horiba_text", "horiba_xml", "ocean", "resolve", "rmx", "wasatch", "wasatch_json"]

N = 40
X = [round(200.0 + 2.5 * i - 0.004 * i * i, 3) for i in range(N)]
Y = [round(100.0 + 40.0 * (i % 9), 2) for i in range(N)]
PEAKS = ("294.226471 0.051021 0.000000 0.442652 0.000017", "333.149933 0.043008 0.000000 0.509364 0.000041")

NO_MATCH = ("finalresult GLS_NoMatch 0",)
SINGLE = ("finalresult GLS_Single 1", "A0235\tAcetaminophen\t5.520455e-001")
MULTIPLE = ("finalresult GLS_Multiple 2", "A0001\tOne, [two] (95% v/v)\t1.5e-001", "U7\tOur own\t9.1e-002")
NOT_POSITIVE = ("finalresult GLS_NotPositive 1", "A0235\tAcetaminophen\t3.1e-002")
MIXTURE = ("result Mixture 2", "11419 0.976766 1", "\t\tEthanol in Water (95% v/v)", "20 0.021 0", "\t\tWater")


def rmx(result: Sequence[str] = NO_MATCH, dark: bool = True, n_declared: int = N, keys: Sequence[str] = ()) -> bytes:
    """A FirstDefender RMX text."""
    lines = [
        "scanname Scan001",
        "timestamp 2024-03-06 11:47:54",
        "ccdbias 989.027832",
        "ccdgain 4.045375",
        "sigmaread 10.387852",
        "laserwavenum -0.731418",
        "wavenumcorrection -0.404986",
        "scancount 2",
        "totalexposurems 2146",
        "singleexposurems 2071",
        "measurementstate Unknown",
        "scanmode Auto",
        "snr 35.0 10.5 8.1",
        "replacelist 0",
        *keys,
        f"peaks {len(PEAKS)}",
        *PEAKS,
        *result,
        f"spectrum {n_declared}",
        *(f"{x - 250.0:.6f} {y / 10:.6f}" for x, y in zip(X, Y, strict=True)),
    ]
    if dark:
        lines += [f"spectrumdark {N}", *(f"{x - 250.0:.6f} {3000 + i}.000000" for i, x in enumerate(X))]
    return ("\r\n".join(lines) + "\r\n").encode()


def resolve(n_scans: int = 2) -> bytes:
    """An Agilent Resolve CSV."""
    first = ",".join(f" Resolve,RES9{i:04},Scan ID,{2743 + i:05} " for i in range(n_scans))
    second = ",".join("Xaxis, SORS, bZero, bOffset" for _ in range(n_scans))
    rows = [
        ", ".join(f"{200 + i:.3f}, {i + scan:.3f}, {3 * i}, {2 * i - scan}" for scan in range(n_scans))
        for i in range(N)
    ]
    return ("\r\n".join([first, second, *rows]) + "\r\n").encode()


PENDAR = ("#wnum,raman\r\n" + "".join(f"{275 + i},{Y[i]}\r\n" for i in range(N))).encode()
MIRA = ("".join(f"{400 + i},{Y[i]}\r\n" for i in range(N))).encode()
MIRA_KEYS = (
    f"\ufeffCreatedDate,2024-05-01T10:00:00\r\nName,Scan 7\r\nIntensities,{','.join(str(y) for y in Y)}\r\nOther,1\r\n"
).encode()


def bwtek(
    decimal: str = ",", unit: str = "ms", n_blank: int = 3, raw: Sequence[float] | None = None, off: float = 0.0
) -> bytes:
    """A B&W Tek text; ``off`` disturbs the dark-subtracted column."""
    raw = raw or [1000.0 + y for y in Y]
    lines = [
        "File Version;BWRam4*11_1", "Date;2023-04-11 16:58:57", "title;BWS415-785S", "model;BTC162E-785S-SYS",
        "operator;", f"intigration times({unit});2500", "average number;3", "time_multiply;1", f"pixel_num;{N}",
        "laser_wavelength;784.9", "laser_powerlevel;100",
        "Pixel;Wavelength;Wavenumber;Raman Shift;Dark;Reference;Raw data #1;Dark Subtracted #1;%TR #1;",
    ]  # fmt: skip
    for i, value in enumerate(raw):
        axis = "   ;   ;   ;" if i < n_blank else f"{800 + i:.2f};{12000 - i:.2f};{X[i]:.2f};"
        lines.append(f"{i};{axis}900.0000;65535.0000;{value:.4f};{value - 900.0 + off:.4f};0.0000;")
    return ("\r\n".join(lines) + "\r\n").replace(".", decimal).replace("*", ".").encode()


def wasatch(
    columns: Sequence[str] = ("Pixel", "Wavelength", "Wavenumber", "Processed", "Raw", "Dark"), n_na: int = 2
) -> bytes:
    """A Wasatch ENLIGHTEN CSV."""
    head = [
        "ENLIGHTEN Version,4.1.6", "Serial Number,WP-02071", "Model,WP-785X", "Scan Averaging,2", "Technique,Raman",
        "Integration Time,3000", "Timestamp,2024-12-10 12:47:44.463819", "Temperature,10.5", "Laser Wavelength,785.041",
        "Laser Enable,True", "Laser Power %,35.9", "Laser Power mW,100.0", "FW Version,10.0.0.10", "CCD Gain,1.9",
        "Note,", f"Pixel Count,{N}", "", ",".join(columns),
    ]  # fmt: skip
    cells = [
        {
            "Pixel": str(i),
            "Wavelength": f"{800 + 0.2 * i:.2f}",
            "Wavenumber": f"{X[i]:.2f}",
            "Processed": "NA" if i < n_na else f"{Y[i]:.2f}",
            "Raw": f"{Y[i] + 800:.2f}",
            "Dark": "800.00",
        }
        for i in range(N)
    ]
    return ("\r\n".join(head + [",".join(row[name] for name in columns) for row in cells]) + "\r\n").encode()


def wasatch_json(technique: str = "Raman", has_axis: bool = True) -> bytes:
    """A Wasatch ENLIGHTEN JSON."""
    said = {"ENLIGHTEN Version": "2.2.7", "Technique": technique, "Laser Wavelength": 785.0, "Pixel Count": N}
    settings = {"wavelengths": [800 + 0.5 * i for i in range(N)], "wavenumbers": None} if has_axis else {}
    spectrum = {"Dark": [800.0] * N, "Processed": Y, "Raw": [y + 800 for y in Y]}
    return json.dumps({"metadata": said, "spectrometerSettings": settings, "spectrum": spectrum}).encode()


HORIBA_KEYS = (
    "#Acq. time (s)=\t0.4", "#Accumulations=\t50", "#Detector temperature (°C)=\t-60.09",
    "#Instrument=\tLabRAM HR Evol",
    "#Laser=\t473nm_Edge", "#Spectro (cm-¹)=\t3500.23", "#Hole=\t119.989", "#Spectral res.(cm-¹)=\t31.1",
    "#Title=\tD_43", "#Remark=\t", "#Acquired=\t08.01.2025 11:38:52",
)  # fmt: skip
AXES = ("#AxisType[0]=Intens", "#AxisUnit[0]=Cnt", "#AxisType[1]=Spectr", "#AxisUnit[1]=1/cm")


def horiba_text(axes: Sequence[str] = AXES, n_rows: int = 0) -> bytes:
    """A LabSpec text: one scan in columns, or ``n_rows`` scans in rows."""
    if n_rows:
        rows = ["\t" + "\t".join(str(x) for x in X)]
        rows += [f"{i}\t" + "\t".join(str(y + i) for y in Y) for i in range(n_rows)]
        axes = [*axes, "#AxisType[2]=Points", "#AxisUnit[2]="]
    else:
        rows = [f"{x}\t{y}" for x, y in zip(reversed(X), Y, strict=True)]
    return ("\n".join([*HORIBA_KEYS, *axes, *rows]) + "\n").encode("latin-1")


def horiba_xml(unit: str = "1/cm", n_rows: int = 1) -> bytes:
    """A LabSpec XML with one scan, or a map of one row of places."""

    def entry(number: str, text: str, size: str = "") -> str:
        return f'<LSX Format="7" ID="{number}"{size}>{text}</LSX>'

    def axis(i: int, kind: str, unit: str, values: Sequence[float] | None) -> str:
        numbers = "" if values is None else entry("0x7D6CD4DB", " ".join(map(str, values)), f' Size="{len(values)}"')
        return f'<LSX ID="0x{i}">{numbers}{entry("0x6D707974", kind)}{entry("0x7C696E75", unit)}</LSX>'

    places = axis(2, "X", "µm", [float(i) for i in range(n_rows)]) if n_rows > 1 else ""
    said = "".join(
        f'<LSX ID="0x1">{entry("0x6D6D616E", name)}{entry("0x7D6C61DB", value)}{extra}</LSX>'
        for name, value, extra in (
            ("Acq. time (s)", "3", ""),
            ("Laser (nm)", "633 ", entry("0x8736F70", "632.817")),
            ("Title", "test_3s", ""),
        )
    )
    rows = "".join(
        f'<LSX_Row Format="6" Index="{i}" Size="{N}">{" ".join(str(y + i) for y in Y)}</LSX_Row>' for i in range(n_rows)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<LSX_Data><LSX_Tree><LSX ID="0x7B697861">'
        f"{axis(0, 'Intens', 'Cnt/sec', None)}{axis(1, 'Spectr', unit, X)}{places}</LSX>{said}</LSX_Tree>"
        f'<LSX_Matrix Size="{n_rows * N}">{rows}</LSX_Matrix></LSX_Data>\n'
    ).encode()


def ocean(decimal: str = ",", has_end: bool = True, n_declared: int = N) -> bytes:
    """A SpectraSuite text."""
    lines = [
        "SpectraSuite Data File", "++++++", "Date: Fri Aug 19 13:19:52 CDT 2016", "User: Adolfo",
        "Dark Spectrum Present: Yes", "Spectrometers: USB2+H11150", "Integration Time (usec): 70000 (USB2+H11150)",
        "Spectra Averaged: 15 (USB2+H11150)", f"Number of Pixels in Processed Spectrum: {n_declared}",
        ">>>>>Begin Processed Spectral Data<<<<<",
        *(f"{x:.2f}\t{y:.3f}".replace(".", decimal) for x, y in zip(X, Y, strict=True)),
    ]  # fmt: skip
    return ("\r\n".join(lines + [">>>>>End Processed Spectral Data<<<<<"] * has_end) + "\r\n").encode()


AVANTES = (
    "0606052U1- \r\nIntegration time: 23.16 ms\r\nAverage: 5 scans\r\nNr of pixels used for smoothing: 12\r\n"
    "Data measured with spectrometer name: 0606052U1\x00\x00\x00\r\n"
    "Wave   ;Dark     ;Ref      ;Sample   ;Transmittance\r\n"
    "[nm]   ;[counts] ;[counts] ;[counts] ;[% transmittance] \r\n"
    + "".join(f"{232 + i}.08;-7.1500;84.900;{i}.700;{30 + i}.5\r\n" for i in range(N))
).encode()
PERKINELMER = (
    "PE FL                   SPECTRUM    ASCII       PEDS        1.60        \n  -1\nSTD1A\n07/12/10\n13:48:37.00\n"
    f"07/12/10\n13:51:32.00\n#HDR\n-1\n#GR\nNM\n\n0.1\n0.0\n{400.0}\n0.5\n{N}\n8\n{max(Y)}\n{min(Y)}\n#DATA\n"
    + "".join(f"{400 + 0.5 * i:.6f}\t{y}  \n" for i, y in enumerate(Y))
).encode()
OPENSPECY = json.dumps(
    {
        "wavenumber": X,
        "spectra": {"intensity": Y},
        "metadata": {"x": [1], "user_name": ["Somebody"], "spectrum_type": ["Raman"], "spectrum_identity": ["HDPE"]},
    }
).encode()
LONG_X = [300 + 3 * i + (i % 2) for i in range(80)]
OPENSPECY_CSV = (
    ",".join(map(str, LONG_X)) + ",x,user_name,spectrum_type\n" + ",".join(map(str, range(80))) + ",1,\"A, B\",FTIR\n"
    + ",".join(map(str, range(1, 81))) + ",2,C,Raman\n"
).encode()  # fmt: skip
RRUFF = (
    "##NAMES=Corundum\n##RRUFFID=R060020\n##IDEAL CHEMISTRY=Al_2_O_3_\n##LOCALITY=Somewhere\n##OWNER=RRUFF\n"
    "##FILETYPE=Raman Processed\n##RAMAN WAVELENGTH=514\n\n"
    + "".join(f"{x:.4f}, {y:.3f}\n" for x, y in zip(X, Y, strict=True)) + "##END=\n"
).encode()  # fmt: skip
TRUE_MATCH = "".join(
    ("[WITEC_TRUEMATCH_ASCII_HEADER]\nVersion = 1.0\n\n" if not i else "")
    + f"[SpectrumHeader]\nTitle = Particle {i}\n"
    + f"ExcitationWavelength = 532.2009887\nSpectrumSize = {N}\nXDataKind = nm\n\n"
    + "[SampleMetaData]\nIsOversaturated = False\n\n[SpectrumData]\n"
    + "".join(f"{540 + 0.5 * j}\t{y}\n" for j, y in enumerate(Y))
    + "\n"
    for i in range(2)
).encode()
WITEC_TABLE = (
    "X-Axis\tMap_F(0/0)\tMap_F(1/0)\nrel. 1/cm\tCCD cts\tCCD cts\n"
    + "".join(f" {x:.5E}\t {y:.5E}\t {y + 1:.5E}\n" for x, y in zip(X, Y, strict=True))
).encode()
RENISHAW = (
    "#X\t\t#Y\t\t#Wave\t\t#Intensity\r\n"
    + "".join(f"{p}.5\t-2.25\t{x}\t{y + p}\r\n" for p in range(3) for x, y in zip(reversed(X), Y, strict=True))
).encode()

MADE: dict[str, bytes] = {
    "firstdefender-rmx": rmx(MULTIPLE),
    "agilent-resolve": resolve(),
    "pendar": PENDAR,
    "metrohm-mira-key-value": MIRA_KEYS,
    "bwtek": bwtek(),
    "wasatch-csv": wasatch(),
    "wasatch-json": wasatch_json(),
    "horiba-text": horiba_text(),
    "horiba-xml": horiba_xml(),
    "ocean-optics": ocean(),
    "avantes-text": AVANTES,
    "perkinelmer-text": PERKINELMER,
    "openspecy-json": OPENSPECY,
    "openspecy-csv": OPENSPECY_CSV,
    "rruff": RRUFF,
    "witec-truematch": TRUE_MATCH,
    "witec-table": WITEC_TABLE,
    "renishaw-text": RENISHAW,
}
