"""Whatever is changed in an audited row or a stored byte, verification names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from reachback.audit.stored_rows import audited_tables
from reachback.db.files import FileStore
from reachback.db.session import Database
from tests.contracts.made_rows import make_rows
from tests.contracts.tampering import as_owner, named, verified

COLUMNS = [(table, column) for table, columns in audited_tables().items() for column in columns]


@pytest.fixture
def files(database: Database, tmp_path: Path) -> FileStore:
    return make_rows(database, tmp_path)


def stored(database: Database, table: str, column: str) -> tuple[str, Any]:
    with database.reading() as session:
        row_id, value = session.execute(text(f'SELECT id, "{column}" FROM {table} ORDER BY id')).first() or ("", None)
    return row_id, value


def overwrite(database: Database, table: str, column: str, row_id: str, value: Any) -> None:
    """Set a value as the owner of the database would, past keys and triggers."""
    as_owner(database, f'UPDATE {table} SET "{column}" = :value WHERE id = :id', value=value, id=row_id)


def changed(value: Any, column: str) -> Any:
    if isinstance(value, int):
        return value + 1
    if value is None:
        return 7 if column.endswith("index") else "x"
    return f"{value} "


def test_every_column_of_every_audited_table(database: Database, files: FileStore, tmp_path: Path) -> None:
    assert len(COLUMNS) > 90
    unnoticed = []
    for table, column in COLUMNS:
        row_id, value = stored(database, table, column)
        overwrite(database, table, column, row_id, changed(value, column))
        if (table, row_id) not in named(verified(database, files, tmp_path)):
            unnoticed.append((table, column))
        overwrite(database, table, column, f"{row_id} " if column == "id" else row_id, value)
    assert unnoticed == []
    assert verified(database, files, tmp_path).broken == []


@given(data=st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_other_value(sqlite_database: Database, tmp_path: Path, data: st.DataObject) -> None:
    if not (tmp_path / "files").exists():
        make_rows(sqlite_database, tmp_path)
    files = FileStore(tmp_path / "files")
    table, column = data.draw(st.sampled_from([each for each in COLUMNS if each[1] != "id"]))
    row_id, value = stored(sqlite_database, table, column)
    other = data.draw(
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
            st.integers(-(2**40), 2**40),
            st.just("CAST(x'ff00fe' AS TEXT)"),
            st.just("x'00'"),
        )
    )
    if other == value or str(other) == str(value):
        return
    if other in ("CAST(x'ff00fe' AS TEXT)", "x'00'"):
        as_owner(sqlite_database, f"""UPDATE {table} SET "{column}" = {other} WHERE id = '{row_id}'""")
    else:
        overwrite(sqlite_database, table, column, row_id, other)
    if stored_equals(sqlite_database, table, column, value):
        return  # the database itself took it for the same value
    assert (table, row_id) in named(verified(sqlite_database, files, tmp_path))
    overwrite(sqlite_database, table, column, row_id, value)


def stored_equals(database: Database, table: str, column: str, value: Any) -> bool:
    if value is None:
        return False
    with database.reading() as session:
        return bool(session.execute(text(f'SELECT "{column}" IS :value FROM {table}'), {"value": value}).scalar())


@given(position=st.integers(0, 2), byte=st.integers(1, 255))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_stored_byte(sqlite_database: Database, tmp_path: Path, position: int, byte: int) -> None:
    if not (tmp_path / "files").exists():
        make_rows(sqlite_database, tmp_path)
    files = FileStore(tmp_path / "files")
    with sqlite_database.reading() as session:
        path = files.path(session.execute(text("SELECT sha256 FROM scans")).scalar_one())
    before = path.read_bytes()
    after = bytearray(before)
    after[position] ^= byte
    path.write_bytes(after)
    assert named(verified(sqlite_database, files, tmp_path)) == {("scans", "s1")}
    path.write_bytes(before)


def test_a_database_file_that_is_damaged_is_broken_and_no_error(sqlite_database: Database, tmp_path: Path) -> None:
    from reachback.audit.desk_check import verify_desk
    from reachback.audit.signing import SigningKey

    make_rows(sqlite_database, tmp_path)
    SigningKey.of(tmp_path)
    sqlite_database.close()
    path = tmp_path / "reachback.db"
    content = bytearray(path.read_bytes())
    for start in range(8192, len(content), 4096):
        damaged = bytearray(content)
        damaged[start : start + 64] = b"\xff" * 64
        path.write_bytes(damaged)
        verify_desk(sqlite_database, tmp_path)  # whatever it says, it says it
        sqlite_database.close()
    path.write_bytes(b"no database at all" * 100)
    assert verify_desk(sqlite_database, tmp_path).broken != []
