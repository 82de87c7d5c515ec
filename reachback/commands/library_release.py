"""``reachback library release | diff | export | replay``: releases, what changed in them, and answers given again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reachback.commands.exit_codes import ExitCode
from reachback.commands.library_store import By, StoreOption, now_text, open_store
from reachback.commands.options import JsonOption
from reachback.commands.terminal import complain, status, write_result

if TYPE_CHECKING:
    from library.model import OpenLibrary
    from library.releases import FoundRelease

__all__ = ["diff", "export", "release", "replay"]

MAX_SHOWN = 10
ReleaseName = Annotated[str, typer.Argument(metavar="RELEASE", help="A release by its name, as narcotics-3.")]


def release(by: By, store: StoreOption = None) -> int:
    """Release what was reviewed: check the whole, sign it, number it. What nobody settled is refused, and nothing done.

    A release never changes; --library takes its name.
    """
    from library.release_manifest import ReleaseManifest
    from library.releases import make_release, refuse_unsettled

    opened = open_store(store)
    with status("releasing") as tell:

        def approve(manifest: ReleaseManifest, library: OpenLibrary) -> object:
            return refuse_unsettled(manifest, library, tell)

        made = make_release(opened, by, now_text(), approve, tell)
    write_result(f"{made.name}: released, digest {made.digest[:12]}; use it with --library {made.name}")
    return ExitCode.DONE


def diff(before: ReleaseName, after: ReleaseName, as_json: JsonOption = False, store: StoreOption = None) -> int:
    """Say in words what one release has that another has not."""
    from library.difference import compare_releases
    from library.releases import read_release

    found = compare_releases(*(read_release(_found(name, store)) for name in (before, after)))
    if as_json:
        from reachback.strict_json import dump_strictly

        write_result(dump_strictly(found.to_json()))
    else:
        write_result("\n".join(found.sentences()))
    return ExitCode.DONE


def export(
    name: ReleaseName,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the folder library is to lie, exactly.")],
    store: StoreOption = None,
) -> int:
    """Write a release as a folder for others, without the spectra whose licence does not let them be passed on."""
    from library.export import export_release
    from library.signing import key_fingerprint, public_key_text

    found = _found(name, store)
    done = export_release(found, out)
    write_result(f"{out}: {done.n_references:,} references, signed; {len(done.left_out):,} may not be passed on")
    write_result(f"key fingerprint: {key_fingerprint(public_key_text(found.store.path))}; tell it by another way")
    for each in done.left_out[:MAX_SHOWN]:
        complain(f"left out: {each.id} ({each.row.substance}): licence '{each.row.licence or 'not stated'}'")
    if len(done.left_out) > MAX_SHOWN:
        complain(f"left out: {len(done.left_out) - MAX_SHOWN:,} more; release.signature.json lists them all")
    return ExitCode.DONE


def replay(
    answer: Annotated[Path, typer.Argument(metavar="ANSWER.json", help="What 'identify --json' has written.")],
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="The original scans.")],
    library: Annotated[
        str | None, typer.Option(metavar="LIB", help="A library to use instead of the release the answer names.")
    ] = None,
    store: StoreOption = None,
) -> int:
    """Give an answer again with its release, and compare it bit for bit; exit code 1 where it differs."""
    from reachback.replaying import read_identifications
    from reachback.replaying import replay as give_again

    elements = read_identifications(answer)
    differs = False
    for done in give_again(elements, files, lambda name: _opened(library or name, store)):
        write_result(f"{done.scan}: {'the same, bit for bit' if done.same else 'differs'}")
        for cause in done.causes:
            complain(f"{done.scan}: {cause}")
        for difference in done.differences[:MAX_SHOWN]:
            complain(f"{done.scan}: {difference}")
        if len(done.differences) > MAX_SHOWN:
            complain(f"{done.scan}: and {len(done.differences) - MAX_SHOWN:,} more differences")
        differs = differs or not done.same
    return ExitCode.CHECK_FAILED if differs else ExitCode.DONE


def _found(name: str, store: Path | None) -> FoundRelease:
    from library.errors import NotALibrary
    from library.releases import find_release
    from library.store import store_folder

    found = find_release(name, store)
    if found is None:
        where = store or store_folder()
        raise NotALibrary(f"{name} is no release of the store {where}; 'reachback library list --releases' shows them")
    return found


def _opened(name: str, store: Path | None) -> OpenLibrary:
    from library.opening import open_library
    from library.releases import find_release

    found = None if Path(name).is_dir() else find_release(name, store)
    with status("opening the release") as tell:
        return open_library(str(found.store.path / found.name) if found else name, tell)
