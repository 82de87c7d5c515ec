"""``reachback audit``, ``migrate``, ``backup`` and ``restore``: what makes the record last, and what proves it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.options import JsonOption
from reachback.commands.service_options import (
    DatabaseUrlOption,
    DataDirOption,
    database_of,
    ready_database,
    service_settings,
)
from reachback.commands.terminal import complain, write_result
from reachback.errors import ReachbackError

if TYPE_CHECKING:
    from reachback.audit.verification import Verification
    from reachback.settings import Settings

__all__ = ["audit", "backup", "migrate", "restore"]

_SHOWN = 50
audit = typer.Typer(help="The audit log.", no_args_is_help=True)


@audit.command("verify")
def verify_log(
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
    database_url: DatabaseUrlOption = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A checkpoint that was kept elsewhere, as printed on a reply.")
    ] = None,
) -> int:
    """Compare the whole record with the log; 1 where anything is not as it was written."""
    from reachback.audit.desk_check import verify_desk
    from reachback.strict_json import dump_strictly

    settings = service_settings(data_dir=data_dir, database_url=database_url)
    note = None if checkpoint is None else _text_of(checkpoint)
    if settings.database_url is None and not (settings.data_dir / "reachback.db").is_file():
        complain(f"reachback audit verify: there is no database in {settings.data_dir}; name its folder by --data-dir")
        return ExitCode.INPUT_FAILED
    with database_of(settings) as database:
        verification = verify_desk(database, settings.data_dir, note)
    if as_json:
        write_result(dump_strictly(verification.as_json()))
    else:
        _say(verification)
    return ExitCode.CHECK_FAILED if verification.broken else ExitCode.DONE


def migrate(data_dir: DataDirOption = None, database_url: DatabaseUrlOption = None) -> int:
    """Bring the database to the schema of this version; `serve` does the same when it starts."""
    from reachback.migrations.schema import revision_of

    with ready_database(service_settings(data_dir=data_dir, database_url=database_url)) as database:
        write_result(f"the database has the schema {revision_of(database)}")
    return ExitCode.DONE


def backup(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A folder that does not exist yet.")],
    data_dir: DataDirOption = None,
    database_url: DatabaseUrlOption = None,
) -> int:
    """Copy database, stored bytes and keys while the service runs, and verify the copy before it is called done."""
    from reachback.backups.taking import BackupRefused, take_backup

    settings = service_settings(data_dir=data_dir, database_url=database_url)
    _check_there(settings)
    try:
        with database_of(settings) as database:
            verification = take_backup(database, settings.data_dir, out)
    except BackupRefused as refused:
        raise ReachbackError(str(refused)) from None
    except OSError as error:
        raise ReachbackError(f"the backup {out} could not be written: {error.strerror or error}") from None
    if verification.broken:
        _say(verification)
        complain(f"reachback backup: the copy does not verify; it was kept as {out}.broken to be looked at")
        return ExitCode.CHECK_FAILED
    write_result(f"{out} holds {verification.entries} entries and everything they speak of; it was verified")
    return ExitCode.DONE


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="A folder that `reachback backup` wrote.")],
    data_dir: DataDirOption = None,
    database_url: DatabaseUrlOption = None,
) -> int:
    """Put a backup into an empty data folder (and an empty PostgreSQL database), and verify what is there then."""
    from reachback.backups.restoring import restore_backup
    from reachback.backups.taking import BackupRefused

    settings = service_settings(data_dir=data_dir, database_url=database_url)
    try:
        with database_of(settings) as database:
            verification = restore_backup(source, database, settings.data_dir)
    except BackupRefused as refused:
        raise ReachbackError(str(refused)) from None
    except OSError as error:
        raise ReachbackError(f"the backup {source} could not be restored: {error.strerror or error}") from None
    _say(verification)
    return ExitCode.CHECK_FAILED if verification.broken else ExitCode.DONE


def _check_there(settings: Settings) -> None:
    if settings.database_url is None and not (settings.data_dir / "reachback.db").is_file():
        raise ReachbackError(f"there is no database in {settings.data_dir}; name its folder by --data-dir")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReachbackError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from None


def _say(verification: Verification) -> None:
    compared = f"{verification.entries} entries, {len(verification.audited)} tables"
    if not verification.broken:
        write_result(f"{compared}: everything is as it was written")
        return
    write_result(f"{compared}: {len(verification.broken)} things are not as they were written")
    for each in verification.broken[:_SHOWN]:
        entry = "" if each.index is None else f" (entry {each.index})"
        write_result(f"  {each.table} {each.id}{entry}: {each.why}")
    if len(verification.broken) > _SHOWN:
        write_result(f"  … and {len(verification.broken) - _SHOWN} more; --json lists all")
