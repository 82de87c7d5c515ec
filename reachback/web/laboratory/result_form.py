"""What a laboratory found, from the fields of a page to what the desk takes; every slip by its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from reachback.adjudication.laboratory_track import LaboratoryReport
from reachback.adjudication.substances import folded

__all__ = ["MOST_PARTS", "ROWS", "ResultForm", "zones"]

ROWS, MOST_PARTS = 4, 20
_LONGEST = 200
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?", re.IGNORECASE)
_EARLIEST_YEAR = 1950  # as the interface has it
_CLOCKS_DIFFER = timedelta(minutes=10)


def zones() -> list[str]:
    """Names of zones that this machine knows, for a list to choose from."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/")))


@dataclass(frozen=True, slots=True)
class ResultForm:
    """``fields`` as they were typed; ``wrong`` has a sentence for each that cannot be taken."""

    fields: Mapping[str, str]
    now: datetime

    @property
    def n_rows(self) -> int:
        """How many substances there is room for."""
        said = self.fields.get("rows", "")
        asked = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else ROWS
        return max(1, min(MOST_PARTS, asked))

    @property
    def parts(self) -> list[dict[str, str | None]]:
        """Substances that were named, with their forms."""
        rows = ((self._said(f"substance_{n}"), self._said(f"form_{n}")) for n in range(1, MOST_PARTS + 1))
        return [{"substance": substance, "form": form or None} for substance, form in rows if substance]

    def wrong(self) -> dict[str, str]:
        """Every slip."""
        slips = {
            name: sentence
            for name, sentence in (
                ("laboratory", "Say which laboratory."),
                ("technique", "Say by which technique, as GC-MS."),
                ("reference_number", "Say under which number the laboratory has it."),
            )
            if not self._said(name)
        }
        slips |= {
            name: f"This is longer than {_LONGEST} characters; shorten it."
            for name, text in self.fields.items()
            if len(text) > _LONGEST
        }
        unshown = (name for name in self.fields if not self._said(name).isprintable())
        slips |= dict.fromkeys(unshown, "This holds characters that cannot be shown.")
        moment = self._moment()
        if isinstance(moment, str):
            slips["zone" if moment.startswith("This zone") else "reported_at"] = moment
        return slips | self._wrong_parts()

    def report(self) -> LaboratoryReport:
        """The same as the desk takes it; asked only where nothing is wrong."""
        moment = self._moment()
        assert isinstance(moment, datetime)  # noqa: S101 – `wrong` was asked before
        return LaboratoryReport(
            self._said("laboratory"), self._said("technique"), self.parts, moment, self._said("reference_number")
        )

    def _said(self, name: str) -> str:
        return " ".join(self.fields.get(name, "").split())

    def _wrong_parts(self) -> dict[str, str]:
        parts = self.parts
        named = [(folded(part["substance"]), folded(part["form"])) for part in parts]
        if len(set(named)) < len(named):
            return {"parts": "A substance in one form is named once."}
        if not parts and not self.fields.get("nothing"):
            return {"parts": "Name what was found, or tick that nothing was."}
        if parts and self.fields.get("nothing"):
            return {"parts": "Something is named, and ticked that nothing was found: one of the two is wrong."}
        return {}

    def _moment(self) -> datetime | str:
        """When it was reported, or what is wrong with that."""
        try:
            local = datetime.fromisoformat(self._said("reported_at"))
        except ValueError:
            return "Write day and time, as 2026-03-06T11:47."
        if local.year < _EARLIEST_YEAR or local.year > self.now.year + 1:
            return "Look at the year."
        zone = local.tzinfo or _zone(self._said("zone"))
        if zone is None:
            return "This zone is not known: write UTC, an offset as +02:00, or a name as Europe/Madrid."
        moment = local.replace(tzinfo=zone).astimezone(UTC)
        return "This lies in the future." if moment > self.now + _CLOCKS_DIFFER else moment


def _zone(name: str) -> tzinfo | None:
    if name.upper() in ("UTC", "GMT", "Z", ""):
        return UTC if name else None
    offset = _OFFSET.fullmatch(name)
    if offset:
        hours, minutes = int(offset[2]), int(offset[3] or 0)
        length = timedelta(hours=hours, minutes=minutes)
        if hours > 14 or minutes > 59:
            return None
        return timezone(length if offset[1] == "+" else -length)
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # not a name, not on this machine
        return None
