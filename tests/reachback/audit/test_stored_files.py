"""The names of stored files against the models, which the log does not import."""

from __future__ import annotations

import pytest

from reachback.audit.stored_files import STORED_FILES, files_of_row
from reachback.audit.stored_rows import audited_tables
from reachback.migrations.tables import METADATA


def test_the_columns_are_there_and_audited() -> None:
    for each in STORED_FILES:
        columns = METADATA.tables[each.table].columns
        assert each.digest in columns
        assert each.scan is None or each.scan in columns
        assert each.table in audited_tables()


def test_every_digest_of_an_audited_table_is_a_stored_file_or_known_not_to_be() -> None:
    told = {(each.table, each.digest) for each in STORED_FILES}
    found = {(table, name) for table, names in audited_tables().items() for name in names if "sha256" in name}
    assert found - told == {("tokens", "sha256")}


@pytest.mark.parametrize("value", [None, "../../etc/passwd", 7, b"x", "A" * 64])
def test_what_is_no_digest_leads_to_no_file(value: object) -> None:
    assert list(files_of_row("scans", {"id": "s1", "sha256": value})) == []
