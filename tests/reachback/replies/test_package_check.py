"""The stand-alone checker speaks the same language as the log."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reachback.audit.stored_rows import row_digest
from reachback.replies.package_check import row_sha256

VALUES = st.none() | st.text() | st.integers()


@given(st.dictionaries(st.text(min_size=1), VALUES, max_size=6))
def test_a_row_has_one_digest_everywhere(row: dict[str, str | int | None]) -> None:
    assert row_sha256(row) == row_digest(row)
