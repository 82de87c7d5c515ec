"""Libraries that several tests of the matching core share: compiled once a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from library.folder import open_folder
from spectra.compilation import compile_references
from spectra.reference import Reference, ReferenceSet
from spectra.spectrum import Technique
from tests.spectra.made_spectra import made_set

Measured = Callable[[str, Technique], list[Reference]]


@pytest.fixture(scope="session", params=list(Technique), ids=str)
def technique(request: pytest.FixtureRequest) -> Technique:
    return Technique(request.param)


@pytest.fixture(scope="session")
def made_sets() -> dict[Technique, ReferenceSet]:
    """Twenty made-up substances, compiled for each technique."""
    return {technique: made_set(technique) for technique in Technique}


@pytest.fixture(scope="session")
def references(technique: Technique, made_sets: dict[Technique, ReferenceSet]) -> ReferenceSet:
    return made_sets[technique]


@pytest.fixture(scope="session")
def measured(shared_data: Path) -> Measured:
    """Measured references of a folder of the test data, by folder and technique."""

    def read(folder: str, technique: Technique) -> list[Reference]:
        return list(open_folder(shared_data / folder).references()[technique])

    return read


@pytest.fixture(scope="session")
def ir_library(measured: Measured) -> list[Reference]:
    return measured("ir_library", Technique.FTIR)


@pytest.fixture(scope="session")
def ir_set(ir_library: list[Reference]) -> ReferenceSet:
    return compile_references(ir_library)
