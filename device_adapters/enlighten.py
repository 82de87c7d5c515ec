"""What Wasatch ENLIGHTEN says of a scan, the same in its CSV and in its JSON."""

from __future__ import annotations

from typing import Any, Literal

from device_adapters.header_values import Header, laser_nm, number, present, seconds

__all__ = ["auxiliary_of", "laser_warning", "metadata_of", "technique_of"]

_TAKEN_AS_FALSE = {"false", "0", ""}


def technique_of(header: Header) -> Literal["raman", "ftir", "unknown"]:
    """Raman where the software says so; its other techniques work over wavelengths, without a laser."""
    return "raman" if header.get("technique", "").lower() == "raman" else "unknown"


def metadata_of(header: Header) -> dict[str, Any]:
    """The metadata of a scan; the integration time is in ms, as the instrument's own state names it."""
    exposure, technique = header.get("integration time"), header.get("technique")
    percent, milliwatts = header.get("laser power %"), number(header.get("laser power mw"))
    return present(
        vendor="Wasatch Photonics",
        software=f"ENLIGHTEN {header['enlighten version']}" if "enlighten version" in header else None,
        firmware=header.get("fw version"),
        instrument=header.get("model"),
        serial=header.get("serial number"),
        detector=header.get("detector"),
        data_type=None if technique_of(header) == "raman" else technique,
        laser_nm=laser_nm(header.get("laser wavelength")),
        laser_power=f"{percent} %" if percent else header.get("laser power"),
        laser_power_mw=milliwatts,
        integration=f"{exposure} ms" if exposure else None,
        integration_s=seconds(exposure, "ms"),
        accumulations=header.get("scan averaging"),
        detector_temperature_c=number(header.get("temperature")),
        gain=number(header.get("ccd gain")),
        bias=number(header.get("ccd offset")),
        slit=header.get("slit width"),
        time_as_written=header.get("timestamp"),
        sample=header.get("prefix") if header.get("prefix", "enlighten") != "enlighten" else None,
        comment=header.get("note"),
        related=header.get("measurement id"),
        processing=_processing(header),
        **_declared_match(header),
    )


def _processing(header: Header) -> str | None:
    """The steps the software says it took, in its own words."""
    keys = ("boxcar", "baseline correction algo", "interpolated", "raman intensity corrected", "deconvolved")
    done = [f"{key} {header[key]}" for key in keys if header.get(key, "").lower() not in _TAKEN_AS_FALSE]
    return "; ".join(done) or None


def _declared_match(header: Header) -> dict[str, Any]:
    """The software's own match, where it declares one."""
    match, score = header.get("declared match"), number(header.get("declared score"))
    if match is None:
        return {}
    verbatim = f"Declared Match,{match}\nDeclared Score,{header.get('declared score', '')}"
    hit = {"id": None, "name": match, "value": score}
    return {"device_result": verbatim, "device_hits": [hit], "not_composition": True}


def laser_warning(header: Header) -> tuple[str, ...]:
    """A Raman scan whose file says that no laser was on may be one of an external laser, or of none."""
    is_off = technique_of(header) == "raman" and header.get("laser enable", "").lower() == "false"
    return ("the file says that the laser was not enabled",) if is_off else ()


def auxiliary_of(name: str, names: list[str]) -> bool:
    """Whether a column belongs to the scan instead of being it: raw beside processed, dark, reference."""
    return name.lower() in ("dark", "reference") or (name.lower() == "raw" and "Processed" in names)
