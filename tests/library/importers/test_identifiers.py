from __future__ import annotations

import pytest

from library.importers.identifiers import name_key, parse_inchikey, plain_text, split_form


@pytest.mark.parametrize(
    ("one", "other"),
    [("α-PVP", "alpha-PVP"), ("Cocaine  HCl", "cocaine hcl"), ("4‑ANPP", "4-anpp"), ("4 - ANPP", "4-ANPP")],
)
def test_typography_makes_no_other_substance(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_stereo_and_places_do(tmp_path: object) -> None:
    assert len({name_key(name) for name in ("2-FA", "3-FA", "(R)-x", "(S)-x", "(+)-x", "(-)-x", "x")}) == 7


def test_an_inchikey_is_taken_apart() -> None:
    key = parse_inchikey(" InChIKey=zpucindjvbivpj-ljispdsosa-n ")
    assert key is not None
    assert (key.connectivity, key.stereo, key.protonation) == ("ZPUCINDJVBIVPJ", "LJISPDSOSA", "N")
    assert str(key) == "ZPUCINDJVBIVPJ-LJISPDSOSA-N"


@pytest.mark.parametrize("text", ["", None, "ZPUCINDJVBIVPJ", "ZPUCINDJVBIVPJ-LJISPDSOXA-N", "x" * 27])
def test_what_is_no_inchikey_is_none(text: str | None) -> None:
    assert parse_inchikey(text) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("cocaine HCl", ("cocaine", "hydrochloride")),
        ("Cocaine (Hydrochloride)", ("Cocaine", "hydrochloride")),
        ("(-)-cocaine, free base", ("(-)-cocaine", "base")),
        ("lactose monohydrate", ("lactose", "monohydrate")),
        ("ketamine", None),
        ("hydrochloride", None),
        ("database", None),
    ],
)
def test_a_form_is_split_from_the_end_of_a_name(name: str, found: tuple[str, str] | None) -> None:
    assert split_form(name) == found


def test_foreign_text_can_steer_neither_a_terminal_nor_a_spreadsheet() -> None:
    assert plain_text("=HYPERLINK(1)\x1b[2J\nnext") == "HYPERLINK(1)[2J next"
    assert plain_text("(+)-a") == "(+)-a"
    assert len(plain_text("x" * 9_999)) == 500
