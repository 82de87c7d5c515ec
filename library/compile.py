"""From a folder library to matrices and calibrations, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from library.calibrate_on_cores import calibrate_on_all_cores
from library.compile_chunks import compile_on_all_cores
from library.engine import engine_fingerprint
from library.errors import BrokenReferences
from library.folder import FolderLibrary, References
from library.manifest import MANIFEST_NAME
from library.model import OpenLibrary
from spectra.errors import SpectraError
from spectra.preprocess.shipped import recipe_for
from spectra.reference import ReferenceSet
from spectra.spectrum import Technique

__all__ = ["compile_folder", "recipe_digests", "today"]

Tell = Callable[[str], None]


def recipe_digests(techniques: tuple[Technique, ...]) -> Mapping[Technique, str]:
    """Digest of the preprocessing recipe in force, for each technique."""
    return {technique: recipe_for(technique).digest for technique in techniques}


def compile_folder(
    folder: FolderLibrary, digest: str | None = None, tell: Tell = lambda step: None, day: str | None = None
) -> OpenLibrary:
    """Read, compile and calibrate a folder library.

    Parameters
    ----------
    folder : FolderLibrary
    digest : str or None
        The folder's digest under the recipes in force, where it is known already.
    tell : callable
        Called with what happens now, in a few words.
    day : str or None
        ISO 8601 day to record in the calibrations; by default today.

    Raises
    ------
    BrokenReferences
        At least one reference cannot be used; all are listed.
    """
    n_rows = len(folder.rows)
    count = _counting("reading references", tell)
    sets, calibrations = {}, {}
    for technique, found in folder.references(lambda done: count(done, n_rows)).items():
        sets[technique] = _compiled(found, technique, folder, tell)
        calibrations[technique] = calibrate_on_all_cores(
            sets[technique],
            date=day or today(),
            progress=_counting(f"calibrating on {technique} references", tell),
        )
    return OpenLibrary(
        name=folder.name,
        release=folder.release,
        digest=digest or folder.digest(recipe_digests(folder.techniques)),
        engine=engine_fingerprint(),
        sets=sets,
        calibrations=calibrations,
    )


def today() -> str:
    """Day on which a calibration is made, ISO 8601, UTC."""
    return datetime.now(UTC).date().isoformat()


def _compiled(references: References, technique: Technique, folder: FolderLibrary, tell: Tell) -> ReferenceSet:
    count = _counting(f"preprocessing {technique} references", tell)
    try:
        return compile_on_all_cores(references, lambda done: count(done, len(references)))
    except SpectraError as error:
        where = str(folder.path / MANIFEST_NAME)
        raise BrokenReferences(where, [f"{technique} reference {str(error).rstrip('.')}"]) from None


def _counting(what: str, tell: Tell) -> Callable[[int, int], None]:
    """Tell the first, the last and every hundredth step of a long one."""

    def count(done: int, of: int) -> None:
        if done in (1, of) or done % 50 == 0:
            tell(f"{what}, {done:,} of {of:,}")

    return count
