"""``reachback library verify``: whether a received export, or a release, is what its signature stands for."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.library_store import StoreOption
from reachback.commands.options import JsonOption
from reachback.commands.terminal import complain, write_result

if TYPE_CHECKING:
    from library.verification import Verification

__all__ = ["verify"]

SCHEMA = "reachback.library-verification/1"


def verify(
    what: Annotated[str, typer.Argument(metavar="PATH", help="A folder from 'library export', or a release's name.")],
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="The key that must have signed: its fingerprint, or the file of the key."),
    ] = None,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> int:
    """Compare every byte of an export or a release with what was signed; exit code 1 where something differs.

    Each changed or missing file is named, and the key that signed by its fingerprint.
    """
    from library.errors import BrokenRelease
    from library.verification import verify_received

    try:
        found = verify_received(what, key, store)
    except BrokenRelease as error:
        complain(f"reachback: {error}")
        return ExitCode.CHECK_FAILED
    if as_json:
        from reachback.strict_json import dump_strictly

        write_result(dump_strictly({"schema": SCHEMA, "passed": found.has_passed, **asdict(found)}))
    else:
        _print(what, found)
    return ExitCode.DONE if found.has_passed else ExitCode.CHECK_FAILED


def _print(what: str, found: Verification) -> None:
    from reachback.wording import printable

    for each in found.problems:
        complain(f"{printable(each.what)}: {printable(each.why)}")
    if found.is_expected_key is False:
        complain(f"it was signed by the key {found.key}, which is not the one you named; do not use it")
    for name in found.unlisted:
        complain(f"{printable(name)}: no part of the export; nobody has signed it")
    verdict = "is what was signed" if found.has_passed else "is NOT what was signed"
    write_result(f"{what}: {printable(found.release)} {verdict}; {found.n_files:,} files compared")
    if found.released_by:
        write_result(
            f"{found.n_references:,} references, released by {printable(found.released_by)} on {found.released_at}"
        )
    if found.is_expected_key:
        write_result(f"signed by the key {found.key}, as named")
    elif found.is_expected_key is None:
        write_result(
            f"signed by the key {found.key}; compare it with what its laboratory tells you by another way, or name it"
            " with --key"
        )
