from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from device_adapters.reading import read
from device_adapters.spectrum_gate import as_spectrum
from library.folder import open_folder
from reachback.rescreening.screening import (
    PROMISING,
    NewReferences,
    Query,
    highest_gains,
    named_rows,
    prepare_query,
)
from spectra.compilation import compile_references
from spectra.reference import ReferenceSet
from spectra.spectrum import Spectrum, Technique
from tests.contracts.made_archive import NEW_NAME, OLD_NAMES, made_library, made_scan

FloatArray = NDArray[np.float64]
NAMES = [*OLD_NAMES, NEW_NAME]


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> ReferenceSet:
    folder = made_library(tmp_path_factory.mktemp("lib"), NAMES)
    return compile_references(open_folder(folder).references()[Technique.FTIR])


def spectrum(*parts: tuple[str, float], salt: int = 0) -> Spectrum:
    return as_spectrum(read(made_scan(*parts, salt=salt), "a.jdx")[0])


def query(references: ReferenceSet, scan: Spectrum, named: list[int]) -> Query:
    found = prepare_query(scan, named, references)
    assert found is not None
    return found


def plain_gain(asked: Query, references: ReferenceSet, row: int) -> float:
    """The same figure by least squares, one reference at a time: what it explains of the rest beside the basis."""
    feature = references.features[row].astype(np.float64)
    slope = np.gradient(feature, references.axis)
    columns = np.stack([feature, slope, np.gradient(slope, references.axis)], axis=1)
    columns /= np.linalg.norm(columns, axis=0)
    columns[: asked.first] = columns[asked.stop :] = 0.0
    rest, basis = asked.rows[0].astype(np.float64), asked.rows[1:].astype(np.float64)
    outside = columns - basis.T @ (basis @ columns)
    fitted = outside @ np.linalg.lstsq(outside, rest, rcond=1e-3)[0]
    return float(fitted @ fitted) if outside[:, 0] @ rest > 0 else 0.0


@pytest.mark.parametrize("named", [[], [0], [0, 1]])
def test_the_product_gives_what_least_squares_give(references: ReferenceSet, named: list[int]) -> None:
    parts = [((OLD_NAMES[0], 0.6), (NEW_NAME, 0.4)), ((OLD_NAMES[1], 1.0),), ((OLD_NAMES[0], 0.5), (OLD_NAMES[1], 0.5))]
    queries = [query(references, spectrum(*each, salt=salt), named) for salt, each in enumerate(parts)]
    rows = [2, 3, 6]
    expected = [max(plain_gain(each, references, row) for row in rows) for each in queries]
    np.testing.assert_allclose(
        highest_gains(queries, NewReferences.of(references, rows)), expected, rtol=2e-3, atol=1e-4
    )


def test_many_references_in_blocks_are_the_same_as_at_once(
    references: ReferenceSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = [query(references, spectrum((name, 1.0)), []) for name in NAMES]
    new = NewReferences.of(references, range(references.n_refs))
    at_once = highest_gains(queries, new)
    monkeypatch.setattr("reachback.rescreening.screening._BLOCK", 2)
    np.testing.assert_allclose(highest_gains(queries, new), at_once, rtol=1e-5)


def test_a_scan_that_is_explained_promises_little_and_one_that_is_not_promises_much(references: ReferenceSet) -> None:
    new = NewReferences.of(references, [6])
    pure = query(references, spectrum((NEW_NAME, 1.0)), [])
    mixed = query(references, spectrum((OLD_NAMES[0], 0.9), (NEW_NAME, 0.1)), [0])
    explained = query(references, spectrum((OLD_NAMES[0], 1.0)), [0])
    gains = highest_gains([pure, mixed, explained], new)
    assert gains[0] > 0.95
    assert gains[1] > 0.5
    assert gains[2] < PROMISING


def test_a_part_of_the_range_is_compared_where_it_was_measured(references: ReferenceSet) -> None:
    part = query(references, spectrum((NEW_NAME, 1.0)).between(800.0, 1500.0), [])
    assert part.stop - part.first < references.axis.size
    assert highest_gains([part], NewReferences.of(references, [6]))[0] > 0.95


def test_surface_enhanced_scans_are_compared_with_their_like_only(references: ReferenceSet) -> None:
    asked = query(references, spectrum((NEW_NAME, 1.0)), [])
    sers = Query(asked.rows, asked.first, asked.stop, sers=True)
    assert highest_gains([sers], NewReferences.of(references, [6])).tolist() == [0.0]


def test_what_cannot_be_compared_is_no_query(references: ReferenceSet) -> None:
    beyond = spectrum((NEW_NAME, 1.0)).between(1860.0, 2000.0)  # above the range that is judged
    assert prepare_query(beyond, [], references) is None
    assert highest_gains([], NewReferences.of(references, [6])).size == 0
    asked = query(references, spectrum((NEW_NAME, 1.0)), [])
    assert highest_gains([asked], NewReferences.of(references, [])).tolist() == [0.0]


def test_named_components_are_found_by_reference_then_by_substance(references: ReferenceSet) -> None:
    assert named_rows([("old-1.jdx", "anything"), ("gone.jdx", "old 3"), ("gone", "gone")], references) == [1, 3]
    assert named_rows([("old-1.jdx", "old 1")] * 3, references) == [1]
