"""What all stored scans and strips of one exhibit say together, fused from their verdicts as they were given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from reachback.stored_verdict import StoredVerdict
from spectra.fuse import fuse
from spectra.fused_alerts import fused_alerts
from spectra.fusion import Fusion
from spectra.spectrum import Technique
from spectra.strips import StripReading, StripResult
from spectra.verdict import Identification

__all__ = ["Held", "fuse_stored", "strip_groups", "strips_of"]

# Technique → substances of which the library has references.
Held = Mapping[Technique, Collection[str]]
Json = Mapping[str, Any]


def fuse_stored(files: Sequence[Sequence[Json]], strips: Sequence[StripResult], held: Held) -> Fusion | None:
    """One presumptive statement; None where there is nothing to join: no strip, and no second file.

    Parameters
    ----------
    files : sequence of sequences of mapping
        For each uploaded file, its elements of ``results``.
    strips : sequence of StripResult
    held : mapping of Technique to names
    """
    verdicts = [verdict for elements in files for verdict in _said_once(elements)]
    n_read = sum(bool(elements) for elements in files)
    if n_read < 2 and not strips:
        return None
    # Of a scan, the rules look at its verdict and its technique only: both were stored as they were.
    return fuse(cast("Sequence[Identification]", verdicts), strips, held)


def strips_of(forms: Iterable[Json]) -> list[StripResult]:
    """The strips of the officers' forms; one that is told with several scans of the exhibit counts once."""
    told = (strip for form in forms for strip in form.get("strips") or () if str(strip.get("kind") or "").strip())
    read = (StripResult(str(strip["kind"]), StripReading(strip["result"])) for strip in told if strip.get("result"))
    return list(dict.fromkeys(read))


def strip_groups(strips: Iterable[StripResult]) -> list[str]:
    """Groups of the library that a positive strip points to."""
    return [alert.group for alert in fused_alerts((), list(strips))]


def _said_once(elements: Sequence[Json]) -> list[StoredVerdict]:
    """Verdicts of one file; of the spectra of a map that say the same, the first speaks for all."""
    said: dict[Any, StoredVerdict] = {}
    for element in elements:
        verdict = StoredVerdict.of(element)
        if verdict.spectrum is None:
            continue
        named = frozenset((part.substance, part.form) for part in verdict.components)
        alerts = frozenset((alert.level, alert.group, alert.substance) for alert in verdict.alerts)
        said.setdefault((verdict.spectrum, verdict.outcome, named, alerts), verdict)
    return list(said.values())
