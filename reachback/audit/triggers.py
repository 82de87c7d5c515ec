"""What the database itself refuses: a changed log, and deleted rows of audited tables.

Whoever owns the database can drop these triggers; verification finds what was changed then. They keep everybody else,
and our own mistakes, from changing the record without noticing.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["LOG_TABLES", "NEVER_DELETED", "protect_log", "protect_rows", "trigger_names"]

LOG_TABLES = ("audit_entries", "audit_nodes", "audit_checkpoints")
NEVER_DELETED = "kept"
_NEVER_CHANGED = "unchanged"


def trigger_names(log_tables: Iterable[str], audited: Iterable[str]) -> set[str]:
    """The triggers that there should be."""
    names = {f"{table}_{kind}" for table in log_tables for kind in (NEVER_DELETED, _NEVER_CHANGED)}
    return names | {f"{table}_{NEVER_DELETED}" for table in audited}


def protect_log(dialect: str) -> list[str]:
    """Statements that keep the log's own tables from being changed or emptied."""
    statements = [_POSTGRESQL_REFUSAL] if dialect == "postgresql" else []
    for table in LOG_TABLES:
        statements += [
            _refuse(dialect, table, "UPDATE", _NEVER_CHANGED),
            _refuse(dialect, table, "DELETE", NEVER_DELETED),
        ]
        if dialect == "postgresql":
            statements.append(_refuse_truncate(table))
    return statements


def protect_rows(dialect: str, tables: Iterable[str]) -> list[str]:
    """Statements that keep the rows of audited tables from being deleted."""
    statements = []
    for table in tables:
        statements.append(_refuse(dialect, table, "DELETE", NEVER_DELETED))
        if dialect == "postgresql":
            statements.append(_refuse_truncate(table))
    return statements


_POSTGRESQL_REFUSAL = """
CREATE OR REPLACE FUNCTION reachback_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log forbids % of %', TG_OP, TG_TABLE_NAME;
END
$$
"""


def _refuse(dialect: str, table: str, operation: str, kind: str) -> str:
    head = f"CREATE TRIGGER {table}_{kind} BEFORE {operation} ON {table}"
    if dialect == "postgresql":
        return f"{head} FOR EACH ROW EXECUTE FUNCTION reachback_refuse()"
    return f"{head} BEGIN SELECT RAISE(ABORT, 'the audit log forbids {operation} of {table}'); END"


def _refuse_truncate(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION reachback_refuse()"
    )
