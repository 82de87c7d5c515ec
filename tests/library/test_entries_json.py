from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.entries_json import entries_from_json, entries_to_json
from spectra.reference import Grade, ReferenceEntry

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ENTRY = st.builds(
    ReferenceEntry,
    id=TEXT,
    substance=TEXT,
    form=st.none() | TEXT,
    cas=st.none() | TEXT,
    inchikey=st.none() | TEXT,
    substance_class=st.none() | TEXT,
    controlled=st.booleans(),
    watch=st.booleans(),
    mode=st.none() | TEXT,
    grade=st.sampled_from(Grade),
    source=TEXT,
    licence=TEXT,
    schedules=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
)


@given(st.lists(ENTRY, max_size=5).map(tuple))
def test_entries_come_back_as_they_were(entries: tuple[ReferenceEntry, ...]) -> None:
    assert entries_from_json(entries_to_json(entries)) == entries


def test_other_fields_or_lengths_are_refused() -> None:
    stored = json.loads(entries_to_json((ReferenceEntry("a", "b"),)))
    with pytest.raises(ValueError, match="other fields"):
        entries_from_json(json.dumps({**stored, "purity": [1.0]}).encode())
    with pytest.raises(ValueError, match="shorter|longer"):
        entries_from_json(json.dumps({**stored, "form": []}).encode())
    with pytest.raises(ValueError, match="bad|valid"):
        entries_from_json(json.dumps({**stored, "grade": ["guessed"]}).encode())
