"""The scan is shown always, suspicions only after a first impression."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reachback.adjudication.evidence import scan_as_evidence

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class MadeScan:
    id: str = "s1"
    account_id: str = "anna"
    file_name: str = "SECRET.jdx"
    sha256: str = "00"
    received_at: datetime = NOW
    primary_index: int | None = 0
    form: dict[str, Any] = field(
        default_factory=lambda: {"place": "car", "suspicion": "SECRET", "strips": [{"kind": "SECRET"}], "new": "SECRET"}
    )
    identifications: list[dict[str, Any]] | None = field(
        default_factory=lambda: [
            {
                "scan": {"technique": "ftir", "title": "SECRET", "file": "SECRET.jdx"},
                "quality": {"snr": 10.0},
                "components": [{"substance": "SECRET"}],
            }
        ]
    )
    device_results: list[dict[str, Any]] | None = field(default_factory=lambda: [{"verdict": "SECRET"}])


def test_nothing_that_suggests_anything_is_shown_folded() -> None:
    folded = scan_as_evidence(MadeScan(), unfolded=False)
    assert "SECRET" not in str(folded)
    assert folded["circumstances"] == {"place": "car"}
    assert folded["spectra"][0]["quality"] == {"snr": 10.0}
    assert folded["file"].endswith("/scans/s1/file")
    assert folded["file_name"] == "s1.jdx"


def test_unfolded_everything_is_there() -> None:
    suspicions = scan_as_evidence(MadeScan(), unfolded=True)["suspicions"]
    assert suspicions["machine"][0]["components"] == [{"substance": "SECRET"}]
    assert suspicions["device"] == [{"verdict": "SECRET"}]
    assert suspicions["officer"].keys() == {"suspicion", "strips", "new"}
