"""A desk with a small library in its store, and librarians with tokens that speak as browsers do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fastapi.testclient import TestClient
from httpx import Response

from library.proposals import propose_folder
from library.releases import make_release
from library.store import LibraryStore, review
from reachback.accounts.models import Role
from tests.contracts.made_desk import Desk
from tests.library.made_library import curve, jcamp
from tests.library.made_store import ANN, AT, BOB, made_folder

AXIS = np.arange(500.0, 3500.1, 4.0)
WATER = "7732-18-5"  # a CAS number with its right check digit


def new_file(seed: int = 500) -> bytes:
    """A measured infrared file that the library does not hold."""
    return jcamp(AXIS, curve(seed, AXIS)).encode()


def same_again(seed: int = 0) -> bytes:
    """The curve of ``alpha`` (seed 0) measured again."""
    noise = np.random.default_rng(seed + 900).normal(0.0, 0.0005, AXIS.size)
    return jcamp(AXIS, curve(seed, AXIS) + noise).encode()


def stated(substance: str = "delta", **more: str) -> dict[str, str]:
    """What a form says of such a file."""
    said = {"substance": substance, "cas": WATER, "controlled": "no", "source": "our bench", "licence": "our own"}
    return {**said, "mode": "ATR", **more}


def filled_store(place: Path, folder: Path) -> LibraryStore:
    """A store with one release of nine references, proposed by Ann and reviewed by Bob."""
    store = LibraryStore.create(place, "lab", ANN, AT)
    report = propose_folder(store, made_folder(folder), ANN, AT)
    review(store, report.proposed, BOB, AT)
    return store


def released_store(place: Path, folder: Path) -> LibraryStore:
    """The same, released."""
    store = filled_store(place, folder)
    make_release(store, ANN, AT, approve=lambda manifest, library: None)
    return store


@dataclass
class Person:
    """Somebody's browser, by a token."""

    client: TestClient
    headers: dict[str, str]

    def get(self, path: str) -> Response:
        return self.client.get(path, headers=self.headers, follow_redirects=False)  # type: ignore[return-value]

    def post(
        self, path: str, fields: Mapping[str, object] | None = None, file: tuple[str, bytes] | None = None
    ) -> Response:
        files = None if file is None else {"file": file}
        return self.client.post(  # type: ignore[return-value]
            path, data=fields or {}, files=files, headers=self.headers, follow_redirects=False
        )


def person(desk: Desk, role: Role, name: str) -> Person:
    """Somebody with a role."""
    return Person(desk.client, {**desk.reader(role, name).headers, "Accept": "text/html"})


__all__ = ["AXIS", "Person", "filled_store", "new_file", "person", "released_store", "same_again", "stated"]
