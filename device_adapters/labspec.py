"""What HORIBA LabSpec says of a scan, the same in its text and in its XML."""

from __future__ import annotations

import re
from typing import Any, Literal

from device_adapters.header_values import Header, laser_nm, number, present, seconds
from device_adapters.recording import XUnits
from device_adapters.unit_words import x_units_of

__all__ = ["axis_of", "metadata_of"]

_TAKEN_AS_NOTHING = {"off", "none", ""}


def axis_of(unit: str | None, has_laser: bool) -> tuple[XUnits, Literal["raman", "unknown"], dict[str, Any]]:
    """Unit, technique and metadata of an axis by the unit LabSpec writes.

    ``1/cm`` is a shift from the laser, ``1/cm abs`` the wavenumber of the light itself; the latter is no axis of a
    Raman spectrum, and what is measured over it or over wavelengths may be luminescence.
    """
    unit = (unit or "").strip()
    if re.fullmatch(r"(1/cm|cm-1)\s*abs\.?", unit, re.IGNORECASE):
        return "cm-1", "unknown", {"x_units_as_written": unit, "data_type": "spectrum over absolute wavenumbers"}
    units = x_units_of(unit.replace("⁻¹", "-1").replace("-¹", "-1").replace("¹", "-1")) if unit else "unknown"
    if units == "cm-1":
        return "cm-1", "raman" if has_laser else "unknown", {}
    return units, "unknown", {"x_units_as_written": unit} if unit and units == "unknown" else {}


def metadata_of(header: Header) -> dict[str, Any]:
    """The metadata of a scan from LabSpec's own names."""
    exposure = header.first("acq. time (s)", "exposition")
    return present(
        vendor="HORIBA",
        instrument=header.get("instrument"),
        detector=header.get("detector"),
        detector_temperature_c=number(header.get("detector temperature (°c)")),
        objective=header.get("objective"),
        grating=header.get("grating"),
        slit=header.first("hole", "slit"),
        laser_nm=laser_nm(header.first("laser (nm)", "laser")),
        laser_power=_laser_power(header),
        integration=f"{exposure} s" if exposure else None,
        integration_s=seconds(exposure, "s"),
        accumulations=header.get("accumulations"),
        resolution=header.get("spectral res.(cm-¹)"),
        resolution_cm1=number(header.get("spectral res.(cm-¹)")),
        processing=_processing(header),
        time_as_written=header.first("acquired", "date"),
        sample=header.get("sample"),
        place=header.get("site"),
        comment=header.get("remark"),
        related=header.get("project"),
        operator=header.get("user"),
    )


def _laser_power(header: Header) -> str | None:
    """The power as written; a neutral filter says only which share of it was used."""
    power, share = header.get("laser power"), header.get("nd filter")
    return power if power or not share else f"ND filter {share}"


def _processing(header: Header) -> str | None:
    keys = ("spike filter", "denoise", "ics correction", "dark correction", "inst. process")
    done = [f"{key} {header[key]}" for key in keys if header.get(key, "").lower() not in _TAKEN_AS_NOTHING]
    done += [f"{key} {value}" for key, value in header.items() if key.startswith("base:")]
    return "; ".join(done) or None
