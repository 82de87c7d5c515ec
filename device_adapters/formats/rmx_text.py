"""The text export of the Thermo FirstDefender RMX: scan, dark scan, and what the device made of it.

Keys with their values, the device's peaks, its result, then ``spectrum N`` and often ``spectrumdark N`` on the same
axis. The axis is taken as it stands. The laser stands there as a wavenumber that was negative in the file seen, and
so is no absolute one: it is kept as written, and no wavelength is made of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device_adapters.decoding import as_lines, is_text, parse_number
from device_adapters.errors import MalformedFile
from device_adapters.format import Recognition
from device_adapters.header_values import Header, number, present, seconds
from device_adapters.limits import MAX_VALUES
from device_adapters.recording import Recording
from device_adapters.rmx_result import describe_result

__all__ = ["FORMAT"]

_MARKS = ("ccdbias ", "ccdgain ", "sigmaread ", "laserwavenum ", "measurementstate ")
_COUNT = re.compile(r"(peaks|spectrum|spectrumdark) (\d{1,9})\s*")
_RESULT = re.compile(r"(finalresult|result) ")
_ENDS_RESULT = re.compile(r"(spectrum|spectrumdark|peaks) \d")
_NM_TO_PER_CM = 1e7
_OF_THE_DARK = ("gain", "read_noise", "bias", "laser_wavenumber", "axis_correction_cm1", "time_as_written")


class RmxText:
    """The reader for FirstDefender RMX text."""

    name = "firstdefender-rmx"

    def recognises(self, head: bytes, name: str) -> Recognition:
        """A text that begins with ``scanname`` and has at least two of the device's own keys."""
        if not is_text(head) or not head.lstrip(b"\xef\xbb\xbf").startswith(b"scanname"):
            return Recognition.NO
        lines = as_lines(head)[:20]
        found = sum(any(line.startswith(mark) for line in lines) for mark in _MARKS)
        return Recognition.CERTAIN if found >= 2 else Recognition.NO

    def read(self, data: bytes, name: str) -> list[Recording]:
        """Read the scan and, where it is there, its dark scan.

        Raises
        ------
        MalformedFile
            A line is not what the grammar has there, or there is no ``spectrum``.
        """
        lines = as_lines(data)
        breaks_off = bool(lines[-1].strip())
        parts = _Parts(lines[:-1])
        if parts.spectrum is None:
            raise MalformedFile("there is no line 'spectrum N' with the scan below it: export the scan again")
        header = "\n".join(parts.lines_above)
        common: dict[str, Any] = {"format": self.name, "x_units": "cm-1", "header": header, "technique": "raman"}
        metadata, said = parts.metadata()
        scan = Recording(
            index=0,
            x=parts.spectrum.x,
            y=parts.spectrum.y,
            y_units="corrected intensity",
            n_declared=parts.spectrum.n_declared,
            title=parts.header.get("scanname"),
            metadata=metadata,
            breaks_off=breaks_off and parts.dark is None,
            warnings=parts.spectrum.warnings() + said,
            **common,
        )
        if parts.dark is None:
            return [scan]
        return [scan, _dark(parts.dark, metadata, breaks_off, common)]


FORMAT = RmxText()


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    n_declared: int

    def warnings(self) -> tuple[str, ...]:
        if self.n_declared == self.x.size:
            return ()
        return (f"{self.n_declared:,} points declared, {self.x.size:,} found",)


def _dark(curve: _Curve, metadata: dict[str, Any], breaks_off: bool, common: dict[str, Any]) -> Recording:
    """The dark scan, with what of the metadata holds for it too."""
    return Recording(
        index=1,
        x=curve.x,
        y=curve.y,
        y_units="counts",
        kind="auxiliary",
        n_declared=curve.n_declared,
        title="dark spectrum",
        metadata={key: value for key, value in metadata.items() if key in _OF_THE_DARK} | {"block": "spectrumdark"},
        breaks_off=breaks_off,
        warnings=curve.warnings(),
        **common,
    )


class _Parts:
    """The file taken apart, line by line; every line belongs to one part, or the file is refused."""

    def __init__(self, lines: list[str]) -> None:
        self.header = Header()
        self.peaks: list[list[float]] = []
        self.result: list[str] = []
        self.result_line = 0
        self.spectrum: _Curve | None = None
        self.dark: _Curve | None = None
        self.lines_above: list[str] = []
        self._lines = lines
        self._at = 0
        while self._at < len(lines):
            self._take_part()

    def _take_part(self) -> None:
        line = self._lines[self._at]
        count = _COUNT.fullmatch(line)
        if count is None and self.spectrum is None:
            self._take_key_or_result(line)
        elif count is None:
            if line.strip():
                raise MalformedFile(f"line {self._at + 1}: this is no point of the scan: {line.strip()[:40]!r}")
            self._at += 1
        elif count[1] == "peaks":
            rows = self._rows(int(count[2]), 5)
            if len(rows) < int(count[2]):
                raise MalformedFile(
                    f"line {self._at + 1}: {count[2]} peaks are declared above, {len(rows)} found: export it again"
                )
            self.peaks = rows
        else:
            self._take_curve(count[1], int(count[2]))

    def _take_key_or_result(self, line: str) -> None:
        if _RESULT.match(line):
            self.result_line = self._at + 1
            start = self._at
            self._at += 1
            while self._at < len(self._lines) and not _ENDS_RESULT.match(self._lines[self._at]):
                self._at += 1
            self.result += self._lines[start : self._at]
            return
        key, _, value = line.partition(" ")
        if line.strip() and not re.fullmatch(r"[a-z]{1,40}", key):
            raise MalformedFile(f"line {self._at + 1}: this is no key with a value: {line.strip()[:40]!r}")
        self.header.add(key, value)
        self._at += 1

    def _take_curve(self, key: str, n_declared: int) -> None:
        at = self._at + 1
        if (self.spectrum if key == "spectrum" else self.dark) is not None:
            raise MalformedFile(f"line {at}: '{key}' stands here a second time: export the scan again")
        if self.spectrum is None:
            self.lines_above = self._lines[: self._at]
        rows = self._rows(n_declared, 2)
        points = np.array(rows, dtype=np.float64).reshape(-1, 2)
        curve = _Curve(points[:, 0], points[:, 1], n_declared)
        if key == "spectrum":
            self.spectrum = curve
        else:
            self.dark = curve

    def _rows(self, n_declared: int, n_cells: int) -> list[list[float]]:
        """Rows of numbers below the line of a count: at most as many as it declares, and as there are lines."""
        if n_declared > MAX_VALUES:
            raise MalformedFile(f"line {self._at + 1}: {n_declared:,} rows are declared, which is no spectrum")
        rows: list[list[float]] = []
        self._at += 1
        while self._at < len(self._lines) and len(rows) < n_declared:
            values = [parse_number(cell) for cell in self._lines[self._at].split()]
            if len(values) != n_cells or None in values:
                break
            rows.append([value for value in values if value is not None])
            self._at += 1
        return rows

    def metadata(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The metadata of the scan, and what is to be said of its result."""
        said, warnings = describe_result(self.result, self.result_line) if self.result else ({}, ())
        header = self.header
        exposure, laser = header.get("singleexposurems"), number(header.get("laserwavenum"))
        return {
            **present(
                time_as_written=header.get("timestamp"),
                bias=number(header.get("ccdbias")),
                gain=number(header.get("ccdgain")),
                read_noise=number(header.get("sigmaread")),
                laser_wavenumber=laser,
                # Some devices may write the laser's absolute wavenumber here; a small or negative one is none.
                laser_nm=round(_NM_TO_PER_CM / laser, 4) if laser is not None and 5000.0 < laser < 50_000.0 else None,
                axis_correction_cm1=number(header.get("wavenumcorrection")),
                accumulations=header.get("scancount"),
                integration=f"{exposure} ms" if exposure else None,
                integration_s=seconds(exposure, "ms"),
                measurement_state=header.get("measurementstate"),
                scan_mode=header.get("scanmode"),
                signal_to_noise=header.get("snr"),
                device_peaks=self.peaks or None,
            ),
            **said,
        }, warnings
