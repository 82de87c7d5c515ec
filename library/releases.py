"""Releases of a store: made, found by name, opened for searching; immutable and numbered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from library.cache import from_cache_or
from library.compile import compile_folder
from library.errors import BrokenRelease, NotALibrary, NotAStore, StepRefused, Unsettled
from library.folder import FolderLibrary
from library.journal import Event
from library.ledger import Ledger, ReleaseRecord, Standing, State
from library.model import OpenLibrary
from library.release_manifest import Deprecated, ReleaseManifest, Signers
from library.safe_files import keep_object, object_path, read_object, verify_object
from library.signing import check_signature, public_key_text, sign
from library.store import LibraryStore, store_folder
from library.stored_reference import StoredReference

if TYPE_CHECKING:
    from library.qc.whole import Checked

__all__ = [
    "FoundRelease",
    "as_folder",
    "draft_release",
    "find_release",
    "make_release",
    "open_found",
    "open_release",
    "read_release",
    "refuse_unsettled",
    "verify_release",
]

Tell = Callable[[str], None]
RELEASE_NAME = re.compile(r"(?P<name>.+?)(?:-(?P<number>[1-9][0-9]{0,5}))?")
ALIVE = (State.REVIEWED, State.RELEASED)
MAX_SHOWN = 10


@dataclass(frozen=True, slots=True)
class FoundRelease:
    """A release by its name; its manifest is not read yet."""

    store: LibraryStore
    number: int
    digest: str
    signature: str
    at: str

    @property
    def name(self) -> str:
        """``NAME-3``."""
        return f"{self.store.name}-{self.number}"


def find_release(name: str, store: Path | None = None) -> FoundRelease | None:
    """The release of this name, or the newest where no number is given; None where no store knows it.

    Parameters
    ----------
    name : str
        ``NAME-3``, ``NAME``, or either of them behind the path of its store.
    store : Path or None
        Where to look; by default what the name says, else `store_folder`.
    """
    path = Path(name)
    where = store or (path.parent if path.parent != Path() else store_folder())
    named = RELEASE_NAME.fullmatch(path.name)
    try:
        found = LibraryStore.at(where)
    except NotAStore:
        return None
    if not named or named["name"] != found.name:
        return None
    events = found.journal.paths("released")
    number = int(named["number"]) if named["number"] else len(events)
    if not 1 <= number <= len(events):
        made = f"its releases are 1 to {len(events)}" if events else "it has no release yet"
        raise NotALibrary(f"the library {found.name} in {where} has no release {number or ''}".rstrip() + f"; {made}")
    return _found(found, found.journal.alone(events[number - 1]))


def _found(store: LibraryStore, event: Event) -> FoundRelease:
    body = event.body
    return FoundRelease(store, int(body["number"]), str(body["manifest"]), str(body["signature"]), event.at)


def read_release(release: FoundRelease) -> ReleaseManifest:
    """The manifest of a release, after its digest and its signature were checked.

    Raises
    ------
    BrokenStore, BrokenRelease, KeyRefused
        It is gone, was changed, or is not signed by this store's key.
    """
    content = read_object(release.store.path, release.digest)
    check_signature(public_key_text(release.store.path), release.name, release.digest, release.signature)
    manifest = ReleaseManifest.from_bytes(content)
    if (manifest.library, manifest.number) != (release.store.name, release.number):
        raise BrokenRelease(f"the manifest of {release.name} is that of {manifest.name}; restore the journal")
    return manifest


def verify_release(release: FoundRelease) -> ReleaseManifest:
    """As `read_release`, and compare every byte of its objects.

    Raises
    ------
    BrokenStore, BrokenRelease, KeyRefused
    """
    manifest = read_release(release)
    for digest in dict.fromkeys(each.digest for each in manifest.references):
        verify_object(release.store.path, digest)
    return manifest


def open_found(release: FoundRelease, tell: Tell = lambda step: None) -> OpenLibrary:
    """Open a release for searching: compiled once, kept in the cache, memory-mapped from then on.

    Raises
    ------
    LibraryError
        The release or one of its objects is gone or was changed.
    """
    opened, warning = from_cache_or(lambda: _compiled(release, tell), release.digest)
    return replace(opened, warnings=(*opened.warnings, warning)) if warning else opened


def open_release(store: LibraryStore, record: ReleaseRecord, tell: Tell = lambda step: None) -> OpenLibrary:
    """As `open_found`, for a release as the ledger has it."""
    return open_found(FoundRelease(store, record.number, record.digest, record.signature, record.at), tell)


def as_folder(store: LibraryStore, references: Sequence[StoredReference], release: str = "unreleased") -> FolderLibrary:
    """References of a store as a folder library whose files are the store's objects."""
    # Two references may have come in files of one name: below an id every file is its own.
    rows = [
        replace(each.row, file=f"{each.digest}/{Path(each.row.file).name}", stated_id=each.id) for each in references
    ]
    paths = {row.file: object_path(store.path, each.digest) for row, each in zip(rows, references, strict=True)}
    return FolderLibrary(store.path, store.name, release, tuple(rows), paths, ())


def _compiled(release: FoundRelease, tell: Tell) -> OpenLibrary:
    tell("checking the objects of the release")
    manifest = verify_release(release)
    # The day of the release, not of today: compiled again next year, the calibration must come out the same.
    return compile_folder(
        as_folder(release.store, manifest.references, str(manifest.number)), release.digest, tell, day=manifest.at[:10]
    )


def draft_release(store: LibraryStore, ledger: Ledger, by: str, at: str) -> ReleaseManifest:
    """What the next release would hold: all that was released and still stands, and what was reviewed since.

    Raises
    ------
    StepRefused
        Nothing has changed since the last one, or nothing is left.
    """
    corrected = _corrected(ledger)
    chosen = [each for each in ledger.of_state(*ALIVE) if each.reference.id not in corrected]
    gone = [each for each in ledger.of_state(State.DEPRECATED) if each.release is not None]
    deprecated = [_deprecated(each) for each in gone]
    for identifier, successor in corrected.items():
        substance = ledger.standings[identifier].reference.row.substance
        deprecated.append(Deprecated(identifier, substance, f"corrected by {successor}", successor))
    if not chosen:
        raise StepRefused(f"{store.name} has no reviewed reference to release; propose some and have them reviewed")
    last = ledger.releases[-1] if ledger.releases else None
    manifest = ReleaseManifest(
        library=store.name,
        number=(last.number if last else 0) + 1,
        at=at,
        by=by,
        previous=last.digest if last else None,
        history=ledger.head.digest if ledger.head else "",
        references=tuple(each.reference for each in chosen),
        signers={each.reference.id: _signers(each) for each in chosen},
        statements=tuple(ledger.statements),
        links=tuple(ledger.links),
        deprecated=tuple(sorted(deprecated, key=lambda each: each.id)),
        decisions=tuple(ledger.decisions.values()),
    )
    if last and _same_contents(manifest, ReleaseManifest.from_bytes(read_object(store.path, last.digest))):
        raise StepRefused(f"nothing has changed since {store.name}-{last.number}; there is nothing to release")
    return manifest


def refuse_unsettled(manifest: ReleaseManifest, library: OpenLibrary, tell: Tell = lambda step: None) -> Checked:
    """Check all pairs of a release to be; returns what was found.

    Raises
    ------
    Unsettled
        A conflict that nobody settled.
    """
    from library.qc.whole import check_sets  # late: opening a release for a scan needs no checks

    settled = {each.key: each.reason for each in manifest.decisions}
    checked = check_sets(library.sets, settled=settled, tell=tell)
    if checked.blocking:
        shown = "; ".join(f"[{each.key}] {each.words}" for each in checked.blocking[:MAX_SHOWN])
        more = len(checked.blocking) - MAX_SHOWN
        raise Unsettled(
            f"{manifest.name} has {len(checked.blocking):,} conflict{'s' if len(checked.blocking) > 1 else ''}"
            f" that nobody settled: {shown}" + (f"; and {more:,} more" if more > 0 else ""),
            [(each.key, each.words) for each in checked.blocking],
        )
    return checked


def make_release(
    store: LibraryStore,
    by: str,
    at: str,
    approve: Callable[[ReleaseManifest, OpenLibrary], object] = refuse_unsettled,
    tell: Tell = lambda step: None,
) -> FoundRelease:
    """Make the next release: compile it, check it, sign it, write it down – in this order, so that a half is none.

    Parameters
    ----------
    approve : callable
        Given the manifest and the compiled library; raises to refuse the release. By default all pairs of
        references are checked, and conflicts that nobody settled refuse it.

    Raises
    ------
    StepRefused
        Nothing to release, a conflict that nobody settled, or somebody changed the store meanwhile.
    LibraryError
    """
    ledger = store.ledger()
    manifest = draft_release(store, ledger, by, at)
    content = manifest.to_bytes()
    digest = keep_object(store.path, content)
    for each in dict.fromkeys(reference.digest for reference in manifest.references):
        verify_object(store.path, each)
    # Outside the lock: on a large library this takes minutes.
    folder = as_folder(store, manifest.references, str(manifest.number))
    library, _ = from_cache_or(lambda: compile_folder(folder, digest, tell, day=at[:10]), digest)
    approve(manifest, library)
    signature = sign(store.path, manifest.name, digest)
    with store.locked():
        now = store.ledger()
        if now.head is None or now.head.digest != manifest.history:
            raise StepRefused("somebody changed the store while the release was checked; make it again")
        corrected = [[old, new, f"corrected by {new}"] for old, new in _corrected(now).items()]
        fresh = [each.reference.id for each in now.of_state(State.REVIEWED)]
        body = {
            "number": manifest.number,
            "manifest": digest,
            "signature": signature,
            "ids": fresh,
            "corrected": corrected,
        }
        store.record("released", by, at, body, now)
    return FoundRelease(store, manifest.number, digest, signature, at)


def _corrected(ledger: Ledger) -> dict[str, str]:
    """References that a reviewed one corrects, each with its successor."""
    return {
        old: each.reference.id
        for each in ledger.of_state(State.REVIEWED)
        if (old := each.reference.row.detail("corrects")) and ledger.standings[old].state in ALIVE
    }


def _deprecated(standing: Standing) -> Deprecated:
    row = standing.reference.row
    return Deprecated(standing.reference.id, row.substance, standing.reason or "", standing.successor)


def _signers(standing: Standing) -> Signers:
    return Signers(standing.proposer, standing.proposed_at, standing.reviewer or "", standing.reviewed_at or "")


def _same_contents(one: ReleaseManifest, other: ReleaseManifest) -> bool:
    said = [{each.id for each in manifest.references} for manifest in (one, other)]
    return said[0] == said[1] and (one.statements, one.links) == (other.statements, other.links)
