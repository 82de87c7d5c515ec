"""What a chemist names, looked up in the library."""

from __future__ import annotations

from reachback.adjudication.substances import KnownSubstances

KNOWN = KnownSubstances.of_entries(
    [("Fentanyl", "fentanyl-related"), ("lactose", None), ("lactose", "cutting agent"), ("water", None)]
)


def test_a_known_substance_gets_the_librarys_spelling_and_class() -> None:
    (described,) = KNOWN.described([{"substance": " fenTANYL ", "form": " citrate "}])
    assert described == {
        "substance": "Fentanyl",
        "form": "citrate",
        "class": "fentanyl-related",
        "in_library": True,
    }


def test_a_substance_the_library_does_not_know_is_kept_and_said_to_be_unknown() -> None:
    (described,) = KNOWN.described([{"substance": "new  thing", "form": ""}])
    assert described == {"substance": "new thing", "form": None, "class": None, "in_library": False}


def test_a_family_may_be_named_by_itself() -> None:
    (described,) = KNOWN.described([{"substance": "Fentanyl-Related", "form": None}])
    assert described["class"] == "fentanyl-related"
    assert not described["in_library"]


def test_the_first_class_given_counts_and_none_stays_none() -> None:
    assert KNOWN.class_of("LACTOSE") == "cutting agent"
    assert KNOWN.class_of("water") is None
