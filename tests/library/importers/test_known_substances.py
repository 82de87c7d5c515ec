from __future__ import annotations

from pathlib import Path

import pytest

from library.importers.known_substances import KnownSubstances, Resolved, read_known
from library.importers.source import Identity, SourceRefused

BASE = Identity(
    "alphadrug",
    form="base",
    cas="50-36-2",
    inchikey="AAAAAAAAAAAAAA-UHFFFAOYSA-N",
    synonyms=("street alpha", "alpha drug"),
    substance_class="fentanyl-related",
    controlled=True,
    watch=True,
    schedules="US:II",
)
SALT = Identity("alphadrug", form="hydrochloride", cas="53-21-4", controlled=True, substance_class="fentanyl-related")
OTHER = Identity("beta", inchikey="BBBBBBBBBBBBBB-UHFFFAOYSA-N", synonyms=("shared", "b"), controlled=False)
THIRD = Identity("gamma", synonyms=("shared",), controlled=False)
KNOWN = KnownSubstances((BASE, SALT, OTHER, THIRD))


def kinds(resolved: Resolved) -> set[str]:
    return {doubt.kind for doubt in resolved.doubts}


@pytest.mark.parametrize(
    "said",
    [
        Identity("Alphadrug", known_by="x"),
        Identity("Street Alpha"),
        Identity("never heard", synonyms=("alpha drug",)),
        Identity("", inchikey="AAAAAAAAAAAAAA-UHFFFAOYSA-N"),
        Identity("2-oxo-something", inchikey="AAAAAAAAAAAAAA-UHFFFAOYSA-N"),
        Identity("some", cas="53-21-4"),
    ],
)
def test_names_synonyms_keys_and_numbers_lead_to_the_substance(said: Identity) -> None:
    resolved = KNOWN.resolve(said)
    assert resolved.identity.name == "alphadrug"
    assert (resolved.identity.substance_class, resolved.identity.controlled) == ("fentanyl-related", True)
    assert resolved.as_written == said.name
    assert resolved.status_said
    assert kinds(resolved) == set()


def test_the_form_comes_from_the_name_or_the_number_and_is_never_made_up() -> None:
    assert KNOWN.resolve(Identity("alphadrug HCl")).identity.form == "hydrochloride"
    assert KNOWN.resolve(Identity("alphadrug", cas="50-36-2")).identity.form == "base"
    assert KNOWN.resolve(Identity("alphadrug")).identity.form is None
    assert KNOWN.resolve(Identity("alphadrug HCl", form="citrate")).identity.form == "citrate"


def test_an_unknown_salt_keeps_its_whole_name() -> None:
    resolved = KNOWN.resolve(Identity("calcium sulfate", cas="7778-18-9"))
    assert (resolved.identity.name, resolved.identity.form) == ("calcium sulfate", None)
    assert not resolved.status_said


def test_a_name_and_a_key_that_lead_apart_are_a_question_and_the_name_stays() -> None:
    resolved = KNOWN.resolve(Identity("alphadrug", inchikey="BBBBBBBBBBBBBB-UHFFFAOYSA-N"))
    assert kinds(resolved) == {"name_and_inchikey_disagree"}
    assert resolved.identity.name == "alphadrug"
    assert resolved.identity.controlled is None  # nothing is taken over where it is not clear what it is


def test_another_key_under_a_known_name_is_a_question() -> None:
    assert kinds(KNOWN.resolve(Identity("beta", inchikey="CCCCCCCCCCCCCC-UHFFFAOYSA-N"))) == {"one_name_two_inchikeys"}
    assert kinds(KNOWN.resolve(Identity("beta", inchikey="BBBBBBBBBBBBBB-AAAAAAAASA-N"))) == {"stereo_differs"}


def test_a_synonym_of_two_substances_is_a_question() -> None:
    resolved = KNOWN.resolve(Identity("shared", known_by="x"))
    assert (resolved.identity.name, kinds(resolved)) == ("shared", {"ambiguous_name"})


def test_a_number_that_leads_elsewhere_is_a_question() -> None:
    assert "cas_disagrees" in kinds(KNOWN.resolve(Identity("beta", cas="50-36-2")))


def test_broken_identifiers_are_set_aside_and_asked_about() -> None:
    resolved = KNOWN.resolve(Identity("new", cas="50-36-3", inchikey="NO-KEY"))
    assert (resolved.identity.cas, resolved.identity.inchikey) == (None, None)
    assert kinds(resolved) == {"malformed_cas", "malformed_inchikey", "no_identity"}


def test_a_source_that_calls_a_controlled_substance_free_is_asked_about_and_it_stays_controlled() -> None:
    resolved = KNOWN.resolve(Identity("alphadrug", controlled=False))
    assert (resolved.identity.controlled, kinds(resolved)) == (True, {"status_differs"})


def test_a_reference_without_a_name_takes_its_number_and_is_asked_about() -> None:
    resolved = KNOWN.resolve(Identity("", cas="7778-18-9"))
    assert (resolved.identity.name, kinds(resolved)) == ("7778-18-9", {"no_name"})


def test_a_table_is_a_manifest_or_less(tmp_path: Path) -> None:
    path = tmp_path / "known.csv"
    path.write_text("substance,synonyms,controlled\nalpha,a; b,yes\n,,\n", encoding="utf-8")
    (entry,) = read_known(path)
    assert (entry.name, entry.synonyms, entry.controlled) == ("alpha", ("a", "b"), True)


@pytest.mark.parametrize("content", [b"name\nx\n", b"\xff\xfe", b"substance,controlled\nx,perhaps\n"])
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "known.csv").write_bytes(content)
    with pytest.raises(SourceRefused, match=r"known\.csv"):
        read_known(tmp_path / "known.csv")
