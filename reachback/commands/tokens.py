"""``reachback token``: a bearer token for an account, which is made if there is none."""

from __future__ import annotations

from typing import Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.service_options import DatabaseUrlOption, DataDirOption, ready_database, service_settings
from reachback.commands.terminal import write_result
from reachback.errors import ReachbackError

__all__ = ["token"]


def token(
    role: Annotated[
        str,
        typer.Option(metavar="ROLE", help="officer, chemist, librarian, supervisor, auditor, admin or device."),
    ],
    name: Annotated[str, typer.Option(metavar="NAME", help="The account's name; it gets a further token each time.")],
    unit: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Without one, the account is a unit of its own.")
    ] = None,
    data_dir: DataDirOption = None,
    database_url: DatabaseUrlOption = None,
) -> int:
    """Print a bearer token as the last line; it is shown this once."""
    from reachback.accounts.models import Role
    from reachback.accounts.service import AccountService
    from reachback.clock import SystemChance, SystemClock
    from reachback.problems import Problem

    if role not in set(Role):
        raise typer.BadParameter(f"{role} is none of {', '.join(Role)}", param_hint="--role")
    settings = service_settings(data_dir=data_dir, database_url=database_url)
    with ready_database(settings) as database:
        accounts = AccountService(database, SystemClock(), SystemChance(), settings)
        try:
            made = accounts.token_for(Role(role), name, unit)
        except Problem as problem:
            raise ReachbackError(problem.detail) from None
    write_result(f"A token for {name} ({role}); it is shown this once:")
    write_result(made)
    return ExitCode.DONE
