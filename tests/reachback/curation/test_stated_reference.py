"""What a laboratory states of a file, field by field."""

from __future__ import annotations

import pytest

from library.model import ManifestRow
from reachback.curation.stated_reference import stated_reference
from reachback.problems import Unprocessable
from spectra.spectrum import Technique

WHOLE = {"substance": "delta", "cas": "7732-18-5", "controlled": "no", "source": "bench", "licence": "our own"}
KNOWN = ManifestRow(
    line=1,
    file="a.jdx",
    matrix_row=None,
    technique=Technique.FTIR,
    substance="Delta",
    form="base",
    cas="50-36-2",
    inchikey=None,
    substance_class="stimulant",
    controlled=True,
    watch=False,
    mode=None,
    source="",
    licence="",
    schedules=(("US", "II"),),
)


def nothing(substance: str, form: str | None) -> None:
    """A library that knows no substance."""


def test_what_was_typed_goes_before_what_the_library_knows() -> None:
    said = stated_reference({**WHOLE, "controlled": "no", "class": "other"}, lambda substance, form: KNOWN)
    assert (said.identity.name, said.identity.cas, said.identity.controlled) == ("Delta", "7732-18-5", False)
    assert (said.identity.substance_class, said.identity.schedules) == ("other", "US:II")
    left_open = {**WHOLE, "cas": "", "controlled": ""}
    filled = stated_reference(left_open, lambda substance, form: KNOWN)
    assert (filled.identity.cas, filled.identity.controlled, filled.identity.watch) == ("50-36-2", True, False)


def test_blanks_and_an_inchikey_are_put_in_order() -> None:
    said = stated_reference(
        {**WHOLE, "substance": "  delta \n one ", "inchikey": "ucmirnveixfbks-uhfffaoysa-n"}, nothing
    )
    assert (said.identity.name, said.identity.inchikey) == ("delta one", "UCMIRNVEIXFBKS-UHFFFAOYSA-N")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("substance", ""),
        ("substance", "x" * 501),
        ("substance", "a\x1bb"),
        ("cas", "7732-18-4"),
        ("inchikey", "not a key"),
        ("controlled", ""),
        ("controlled", "perhaps"),
        ("schedules", "II"),
        ("technique", "nmr"),
        ("y_units", "light"),
        ("laser_nm", "785 nm"),
        ("laser_nm", "nan"),
        ("laser_nm", "1e9"),
        ("resolution", "0"),
        ("recording", "0"),
        ("recording", "²"),
        ("may_be_passed_on", "maybe"),
        ("source", " "),
        ("licence", ""),
    ],
)
def test_every_slip_is_named_by_its_field(field: str, text: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        stated_reference({**WHOLE, field: text}, nothing)
    assert field in refused.value.extra["fields"]


def test_a_substance_without_any_identity_is_refused() -> None:
    with pytest.raises(Unprocessable, match="knows no identity"):
        stated_reference({**WHOLE, "cas": ""}, nothing)
    assert stated_reference({**WHOLE, "cas": "", "identity": "our bench"}, nothing).identity.known_by == "our bench"
