"""The command line as a whole: which commands there are, and how each of them ends."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from library.errors import LibraryError
from reachback import __version__
from reachback.commands.demo import demo
from reachback.commands.exit_codes import ExitCode
from reachback.commands.identify import identify
from reachback.commands.inspection import inspect_files
from reachback.commands.laboratory import laboratory
from reachback.commands.rescreening import rescreen
from reachback.commands.serving import serve, worker
from reachback.commands.terminal import complain
from reachback.commands.tokens import token
from reachback.commands.trust import audit, backup, migrate, restore
from reachback.commands.validation import validate
from reachback.errors import OutputClosed, ReachbackError
from reachback.last_resort import Mishap, attempt

__all__ = ["app", "run"]

app = typer.Typer(
    name="reachback",
    help="Field narcotics identification: a Raman or FTIR scan in, an honest presumptive verdict out.",
    epilog="Exit codes: 0 done · 1 a check failed · 2 wrong usage · 3 some input could not be read · 70 our own fault.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(identify)
app.command("inspect")(inspect_files)
app.add_typer(laboratory, name="library")
app.command()(rescreen)
app.command()(validate)
app.command()(demo)
app.command()(serve)
app.command()(worker)
app.command()(token)
app.command()(migrate)
app.command()(backup)
app.command()(restore)
app.add_typer(audit, name="audit")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reachback {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with the exit code of the contract."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal's encoding must not stop an answer
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what a numerical package warns of is no sentence for an officer
    outcome = attempt(lambda: _invoke(arguments))
    if isinstance(outcome, Mishap):
        complain(f"reachback: {outcome.sentence}")
        outcome = ExitCode.OWN_FAULT
    sys.exit(int(outcome))


def _invoke(arguments: Sequence[str] | None) -> int:
    try:
        ended = app(args=arguments, prog_name="reachback", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        return _refuse_usage(error)
    except (LibraryError, ReachbackError) as error:
        if isinstance(error, OutputClosed):
            return _output_closed()
        complain(f"reachback: {error}")
        return ExitCode.WRONG_USAGE
    except BrokenPipeError:
        return _output_closed()
    except typer.Abort:
        return ExitCode.INTERRUPTED
    return ended if isinstance(ended, int) else ExitCode.DONE


def _refuse_usage(error: typer.TyperException) -> ExitCode:
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", None) or "reachback"
    message = error.format_message().rstrip(".")
    if message:
        complain(f"{command}: {message[:1].lower()}{message[1:]}; '{command} --help' shows the usage")
    return ExitCode.WRONG_USAGE


def _output_closed() -> ExitCode:
    """End quietly; what is still buffered must not complain at exit."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    return ExitCode.OUTPUT_CLOSED
