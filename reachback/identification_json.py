"""An identification as JSON: one element of ``results`` of the schema ``reachback.identification/1``."""

from __future__ import annotations

from typing import Any

from library.model import OpenLibrary
from reachback import __version__
from reachback.strict_json import plain
from spectra.spectrum import Spectrum
from spectra.verdict import Component, Identification

__all__ = ["SCHEMA", "identification_as_json", "library_as_json"]

SCHEMA = "reachback.identification/1"


def identification_as_json(identification: Identification, library: OpenLibrary) -> dict[str, Any]:
    """One verdict in the words of the contract; the file is named as the spectrum's provenance names it."""
    element = {
        "scan": _scan(identification.spectrum),
        "quality": {
            "usable": identification.quality.usable,
            "snr": identification.quality.snr,
            "flags": identification.quality.flags,
            "advice": identification.quality.advice,
        },
        "outcome": identification.outcome,
        "tentative": identification.tentative,
        "components": [_component(component) for component in identification.components],
        "unexplained": _unexplained(identification),
        "background": identification.background,
        "alerts": [
            {
                "level": alert.level,
                "group": alert.group,
                "substance": alert.substance,
                "share": alert.share,
                "confidence": alert.confidence,
            }
            for alert in identification.alerts
        ],
        "class_hint": identification.class_hint,
        "targets": [
            {"substance": target.substance, "detected": target.detected, "limit_share": target.limit_share}
            for target in identification.targets
        ],
        "candidates": [
            {
                "substance": candidate.substance,
                "score": candidate.score,
                "form": candidate.form,
                "reference": candidate.reference,
            }
            for candidate in identification.candidates
        ],
        "reach_back": identification.reach_back,
        "reasons": identification.reasons,
        "library": library_as_json(library, identification.spectrum),
        "engine": __version__,
        "timing_ms": {"total": identification.timing_ms},
    }
    result: dict[str, Any] = plain(element)
    return result


def library_as_json(library: OpenLibrary, spectrum: Spectrum) -> dict[str, Any]:
    """What the scan was compared with, and under which calibration."""
    calibration = library.calibrations.get(spectrum.technique)
    return {
        "name": library.name,
        "release": library.release,
        "digest": library.digest,
        "calibration": None if calibration is None else calibration.digest,
    }


def _scan(spectrum: Spectrum) -> dict[str, Any]:
    provenance = spectrum.provenance
    return {
        "file": provenance.file,
        "index": provenance.index,
        "sha256": provenance.sha256,
        "technique": spectrum.technique,
        "title": provenance.title,
        "mode": spectrum.mode,
        "laser_nm": spectrum.laser_nm,
        "stated_by_user": dict(provenance.stated),
    }


def _component(component: Component) -> dict[str, Any]:
    return {
        "substance": component.substance,
        "form": component.form,
        "share": component.share,
        "share_interval": component.share_interval,
        "confidence": component.confidence,
        "controlled": component.controlled,
        "class": component.substance_class,
        "reference": component.reference,
        "grade": component.grade,
        "indistinguishable_from": component.indistinguishable_from,
    }


def _unexplained(identification: Identification) -> dict[str, Any] | None:
    unexplained = identification.unexplained
    return None if unexplained is None else {"share": unexplained.share, "bands": unexplained.bands}
