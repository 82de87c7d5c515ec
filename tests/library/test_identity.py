"""Identities, and rows that contradict themselves."""

from __future__ import annotations

import pytest

from library.identity import connectivity, contradiction, is_cas_number, is_inchikey, may_be_passed_on
from library.model import ManifestRow
from spectra.spectrum import Technique


def row(technique: Technique = Technique.FTIR, mode: str | None = None, **said: str) -> ManifestRow:
    details = tuple((name, value) for name, value in said.items() if name not in ("cas", "inchikey"))
    return ManifestRow(
        line=2,
        file="a.jdx",
        matrix_row=None,
        technique=technique,
        substance="alpha",
        form=None,
        cas=said.get("cas"),
        inchikey=said.get("inchikey"),
        substance_class=None,
        controlled=False,
        watch=False,
        mode=mode,
        source="",
        licence="",
        details=details,
    )


@pytest.mark.parametrize(
    ("text", "right"), [("50-36-2", True), ("7732-18-5", True), ("50-36-3", False), ("50362", False), ("", False)]
)
def test_cas_numbers_have_a_check_digit(text: str, right: bool) -> None:
    assert is_cas_number(text) is right


def test_inchikeys_have_a_shape_and_a_skeleton() -> None:
    key = "RYYVLZVUVIJVGH-UHFFFAOYSA-N"
    assert is_inchikey(key)
    assert not is_inchikey(key.lower())
    assert connectivity(key) == "RYYVLZVUVIJVGH"
    assert connectivity("nothing") is None
    assert connectivity(None) is None


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (row(), "has no identity"),
        (row(inchikey="ABC"), "is no InChIKey"),
        (row(cas="50-36-3"), "is no CAS number"),
        (row(cas="50-36-2", mode="SERS on gold"), "is Raman's"),
        (row(Technique.RAMAN, "ATR", cas="50-36-2"), "is infrared's"),
        (row(cas="50-36-2", may_be_passed_on="perhaps"), "write yes, no"),
        (row(cas="50-36-2", resolution="4 cm-1"), "without the unit"),
        (row(cas="50-36-2", laser_nm="-785"), "without the unit"),
    ],
)
def test_contradictions_are_told_in_one_clause(made: ManifestRow, words: str) -> None:
    assert words in (contradiction(made) or "")


@pytest.mark.parametrize(
    "made",
    [
        row(cas="50-36-2"),
        row(identity="IMA mineral name"),
        row(Technique.RAMAN, "SERS", cas="50-36-2"),
        row(cas="50-36-2", mode="ATR", resolution="4", may_be_passed_on="no"),
    ],
)
def test_nothing_is_said_against_a_sound_row(made: ManifestRow) -> None:
    assert contradiction(made) is None


def test_only_a_plain_yes_lets_a_spectrum_go() -> None:
    assert may_be_passed_on(row(may_be_passed_on="Yes"))
    for said in ("no", ""):
        assert not may_be_passed_on(row(may_be_passed_on=said))
    assert not may_be_passed_on(row())
