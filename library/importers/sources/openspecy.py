"""Exports of OpenSpecy: JSON, or CSV with a spectrum a row, each with what its columns of metadata say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from device_adapters.recording import Recording
from device_adapters.stated import Stated
from library.importers.archive_members import file_members
from library.importers.identifiers import plain_text
from library.importers.member_reading import read_member
from library.importers.source import Found, Identity, LeftOut, Member
from spectra.spectrum import Ordinate

__all__ = ["SOURCE"]

_UNITS = {
    "absorbance": Ordinate.ABSORBANCE,
    "transmittance": Ordinate.TRANSMITTANCE,
    "percent transmittance": Ordinate.PERCENT_TRANSMITTANCE,
}


class OpenSpecy:
    """The source of OpenSpecy exports."""

    name = "openspecy"
    reads = "an OpenSpecy export (JSON or CSV), or a folder or ZIP archive of them"

    def default_path(self) -> Path | None:
        """None: it has to be named."""
        return None

    def members(self, path: Path) -> Iterator[Member | LeftOut]:
        """The export, or every file of an archive or folder of them."""
        return file_members(path)

    def read(self, member: Member, stated: Stated) -> Sequence[Found | LeftOut]:
        """Every spectrum, named by its ``spectrum_identity``."""
        return read_member(
            member,
            lambda recording: _with_units(recording, stated),
            _identity,
            {"openspecy-csv", "openspecy-json"},
        )


SOURCE = OpenSpecy()


def _said(recording: Recording) -> dict[str, str]:
    pairs = (line.partition(": ") for line in recording.header.split("\n"))
    return {key.strip().casefold(): plain_text(value) for key, _, value in pairs}


def _with_units(recording: Recording, stated: Stated) -> Stated:
    """The units that the export states for an infrared spectrum, where the user states none."""
    unit = _UNITS.get(_said(recording).get("intensity_units", "").casefold())
    if unit is None or stated.y_units is not None or recording.technique != "ftir":
        return stated
    return replace(stated, y_units=unit)


def _identity(recording: Recording) -> Identity:
    said = _said(recording)
    who = (said.get("organization"), said.get("user_name"), said.get("citation"))
    form = ", ".join(filter(None, (said.get("material_form"), said.get("material_phase"))))
    return Identity(
        name=said.get("spectrum_identity", ""),
        form=form or None,
        cas=said.get("cas_number") or None,
        known_by="material, as named in OpenSpecy",
        source=", ".join(["OpenSpecy", *filter(None, who)]),
        licence=said.get("license", ""),
    )
