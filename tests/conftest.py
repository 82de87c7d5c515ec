"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of measured test data of others, which is not part of the project."""
    folder = Path(os.environ.get("REACHBACK_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"measured test data not found at {folder}; set REACHBACK_TEST_DATA to its folder")
    return folder
