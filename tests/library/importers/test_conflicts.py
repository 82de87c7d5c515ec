from __future__ import annotations

from pathlib import Path

import pytest

from library.errors import BrokenManifest
from library.importers.conflicts import Conflict, Named, conflicts_csv, find_conflicts, open_conflicts, read_decisions
from library.importers.known_substances import Resolved
from library.importers.source import Identity
from tests.library.importers.made_sources import KEY, OTHER_KEY


def named(reference: str, name: str, content: str | None = None, **said: str) -> Named:
    identity = Identity(name, controlled=False, **said)  # type: ignore[arg-type]
    return Named(reference, Resolved(identity, name, status_said=True), content or reference)


def kinds(*references: Named) -> dict[str, tuple[str, ...]]:
    return {each.kind: each.references for each in find_conflicts(references, {})}


def test_references_that_agree_are_no_question() -> None:
    assert kinds(named("a", "x", inchikey=KEY, form="base"), named("b", "x", inchikey=KEY, form="base")) == {}


def test_one_key_under_two_names() -> None:
    assert kinds(named("a", "x", inchikey=KEY), named("b", "y", inchikey=KEY)) == {"one_inchikey_two_names": ("a", "b")}
    assert kinds(named("a", "x", inchikey=KEY), named("b", "X", inchikey=KEY)) == {}


def test_one_name_with_two_skeletons() -> None:
    found = kinds(named("a", "x", inchikey=KEY), named("b", "x", inchikey=OTHER_KEY), named("c", "z"))
    assert found == {"one_name_two_inchikeys": ("a", "b")}


def test_one_name_with_two_stereo_forms() -> None:
    other = KEY.replace("UHFFFAOY", "ABCDEFGH")
    assert kinds(named("a", "x", inchikey=KEY), named("b", "x", inchikey=other)) == {"stereo_differs": ("a", "b")}


def test_a_salt_and_its_base_are_worth_a_look_and_hold_nothing_up() -> None:
    (found,) = find_conflicts([named("a", "x", form="base"), named("b", "x", form="hydrochloride")], {})
    assert (found.kind, found.must_decide) == ("forms_of_one_name", False)


def test_a_form_that_only_some_state_has_to_be_decided() -> None:
    (found,) = find_conflicts([named("a", "x", form="base"), named("b", "x")], {})
    assert (found.kind, found.must_decide, found.references) == ("form_not_stated", True, ("b",))


def test_one_number_for_two_forms() -> None:
    found = kinds(named("a", "x", cas="50-36-2", form="base"), named("b", "x", cas="50-36-2", form="hydrochloride"))
    assert found["one_cas_two_forms"] == ("a", "b")


def test_the_same_numbers_under_two_names() -> None:
    assert kinds(named("a", "x", "same"), named("b", "y", "same")) == {"same_numbers_two_names": ("a", "b")}


def test_a_status_that_nobody_states_has_to_be_decided() -> None:
    silent = Named("a", Resolved(Identity("x"), "x", status_said=False), "a")
    (found,) = find_conflicts([silent], {})
    assert (found.kind, found.must_decide) == ("status_not_stated", True)


def test_a_decision_closes_a_question_and_survives(tmp_path: Path) -> None:
    references = [named("a", "x", inchikey=KEY), named("b", "y", inchikey=KEY)]
    (tmp_path / "conflicts.csv").write_text(conflicts_csv(find_conflicts(references, {})), encoding="utf-8")
    (question,) = open_conflicts(tmp_path)
    assert question == f"one inchikey two names: {KEY}: it is called x and y"
    content = (tmp_path / "conflicts.csv").read_text(encoding="utf-8")
    (tmp_path / "conflicts.csv").write_text(content.rstrip("\n") + '"y is a synonym"\n', encoding="utf-8")
    again = find_conflicts([*references, named("c", "z")], read_decisions(tmp_path))
    assert [each.decision for each in again] == ["y is a synonym"]
    assert open_conflicts(tmp_path) == ()


def test_a_folder_without_a_table_has_no_questions(tmp_path: Path) -> None:
    assert open_conflicts(tmp_path) == ()


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "conflicts.csv").write_text("id\nx\n", encoding="utf-8")
    with pytest.raises(BrokenManifest, match="lacks a column"):
        open_conflicts(tmp_path)


def test_the_id_is_of_the_question_not_of_its_references() -> None:
    assert (
        Conflict("k", "s", "q", ("a",)).id == Conflict("k", "s", "q", ("b", "c")).id != Conflict("k", "s", "r", ()).id
    )
