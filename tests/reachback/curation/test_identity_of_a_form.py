"""The numbers of a salt are not those of its base."""

from __future__ import annotations

from typing import Any, cast

import pytest

from library.model import OpenLibrary
from reachback.curation import service
from reachback.curation.service import SubstanceStated
from reachback.problems import Unprocessable
from spectra.reference import ReferenceEntry

KNOWN = ReferenceEntry(
    id="cocaine.jdx",
    substance="cocaine",
    form="hydrochloride",
    cas="number of the salt",
    inchikey="key of the salt",
    substance_class="stimulant",
    controlled=True,
    watch=True,
)


def identity(monkeypatch: pytest.MonkeyPatch, form: str | None, **stated: Any) -> Any:
    monkeypatch.setattr(service, "_known_entry", lambda component, known: KNOWN)
    component = {"substance": "cocaine", "form": form}
    return service._identity(component, "case 1", SubstanceStated(**stated), cast(OpenLibrary, None))


def test_the_same_form_has_the_numbers_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    found = identity(monkeypatch, "hydrochloride")
    assert (found.cas, found.inchikey, found.controlled) == (KNOWN.cas, KNOWN.inchikey, True)


@pytest.mark.parametrize("form", ["base", None])
def test_another_form_has_to_be_stated(monkeypatch: pytest.MonkeyPatch, form: str | None) -> None:
    with pytest.raises(Unprocessable, match="in this form; state an InChIKey"):
        identity(monkeypatch, form)
    stated = identity(monkeypatch, form, inchikey="key of what was found")
    assert (stated.cas, stated.inchikey) == (None, "key of what was found")
    # What is the law's or the class's is that of the substance.
    assert (stated.controlled, stated.substance_class) == (True, "stimulant")
