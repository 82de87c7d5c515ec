"""Substances, their families and the watch list: stated with source and date, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from library.errors import BrokenManifest
from library.substances import Catalogue, read_families, read_statements
from spectra.spectrum import Technique
from tests.library.test_identity import row

HEAD = "substance,form,inchikey,cas,synonyms,street_names,precursor_of,schedules,watch,hazard,handling,source,date\n"
FAMILIES = "family,parent,relation,source,date\n"


def statements(folder: Path, *lines: str) -> Path:
    (folder / "substances.csv").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def families(folder: Path, *lines: str) -> Path:
    (folder / "families.csv").write_text(FAMILIES + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_no_file_states_nothing(tmp_path: Path) -> None:
    assert (read_statements(tmp_path), read_families(tmp_path)) == ((), ())


def test_every_statement_keeps_its_source_and_date(tmp_path: Path) -> None:
    statements(
        tmp_path,
        "alpha,base,,50-36-2,first;second,snow,,US:II;UK:A,yes,toxic,gloves,List A,2026-01-01",
        "alpha,base,,,third,,,,,,,List B,2026-02-01",
    )
    (substance,) = Catalogue((), read_statements(tmp_path)).substances()
    assert substance.stated("synonyms") == ("first", "second", "third")
    assert substance.stated("schedules") == ("US:II", "UK:A")
    assert substance.stated("street_names") == ("snow",)
    assert (substance.cas, substance.is_watched, substance.techniques) == ("50-36-2", True, ())
    assert {(each.source, each.date) for each in substance.statements} == {
        ("List A", "2026-01-01"),
        ("List B", "2026-02-01"),
    }


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("alpha,,,,,,,,yes,,,,2026-01-01", "source is empty"),
        ("alpha,,,,,,,,yes,,,List,", "date is empty"),
        ("alpha,,,50-36-3,,,,,,,,List,2026-01-01", "is no cas"),
        ("alpha,,ABC,,,,,,,,,List,2026-01-01", "is no inchikey"),
        ("alpha,,,,,,,,maybe,,,List,2026-01-01", "watch is 'maybe'"),
    ],
)
def test_a_statement_without_source_or_sense_is_refused(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(BrokenManifest, match=words):
        read_statements(statements(tmp_path, line))


def test_families_lead_upwards_and_name_precursors(tmp_path: Path) -> None:
    families(
        tmp_path,
        "inner,outer,is_a,List,2026-01-01",
        "outer,outermost,is_a,List,2026-01-01",
        "pre,inner,precursor_of,List,2026-01-01",
    )
    made = replace(row(cas="50-36-2"), substance_class="inner")
    catalogue = Catalogue([made], (), read_families(tmp_path))
    assert catalogue.substances()[0].families == ("inner", "outer", "outermost")
    assert catalogue.precursor_families("inner") == ("pre",)
    assert catalogue.ancestors("unknown") == ()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("a,b,is_a,List,2026-01-01", "b,a,is_a,List,2026-01-01"), "stands above itself"),
        (("a,b,kind_of,List,2026-01-01",), "relation is 'kind_of'"),
        (("a,b,is_a,,2026-01-01",), "source is empty"),
    ],
)
def test_families_that_make_no_tree_are_refused(tmp_path: Path, lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(BrokenManifest, match=words):
        read_families(families(tmp_path, *lines))


def test_what_is_watched_and_not_here_is_named_by_technique(tmp_path: Path) -> None:
    held = replace(row(cas="50-36-2"), watch=True)
    statements(tmp_path, "novelty,,,,,,,,yes,,,List,2026-01-01", "sugar,,,,,,,,no,,,List,2026-01-01")
    catalogue = Catalogue([held], read_statements(tmp_path))
    assert [each.name for each in catalogue.watched_without_reference(Technique.FTIR)] == ["novelty"]
    assert [each.name for each in catalogue.watched_without_reference(Technique.RAMAN)] == ["alpha", "novelty"]


def test_a_statement_without_a_form_speaks_of_every_form(tmp_path: Path) -> None:
    statements(tmp_path, "alpha,,,,snow,,,,,,,List,2026-01-01")
    salt = replace(row(cas="50-36-2"), form="hydrochloride")
    by_form = {each.form: each for each in Catalogue([salt], read_statements(tmp_path)).substances()}
    assert by_form["hydrochloride"].stated("synonyms") == ("snow",)
