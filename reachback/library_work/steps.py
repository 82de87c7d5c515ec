"""What is done: a release, an import. No database here: the library's own journal says what has happened."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from device_adapters.stated import Stated
from library.errors import StepRefused, Unsettled
from library.importers.conflicts import CONFLICTS_NAME, Conflict
from library.importers.deciding import decide
from library.importers.decisions import STATUS_KINDS, Decided
from library.importers.importing import Imported, Statements, import_library
from library.importers.known_substances import KnownSubstances, read_known
from library.importers.registry import source_named
from library.importers.source import SourceRefused
from library.journal import Event
from library.manifest import MANIFEST_NAME
from library.proposals import ProposalReport, propose_folder
from library.releases import find_release, make_release, read_release, refuse_unsettled
from library.starter import starter_folder
from library.store import LibraryStore
from reachback.db.files import FileStore
from reachback.library_work.jobs import Ended, Job, Told, told_in_words
from reachback.library_work.models import WorkState

__all__ = ["import_step", "release_step", "sent_file_name"]

Tell = Callable[[Told], None]
_MOST_ENTRIES, _MOST_UNPACKED = 50_000, 2 * 1024**3  # of an archive that came over the network
_SHOWN = 500  # rows of each list that the result holds; the table of what was left out holds all of them
# No reason makes up for these: the store takes no reference of which nobody says what it is.
NEEDS_SOURCE = frozenset({"no_identity", "no_name"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


# -- a release ---------------------------------------------------------------------------------------------------------


def release_step(job: Job, tell: Tell) -> Ended:
    """Make the next release, or say what stands in its way; one that an earlier try has made is not made again."""

    def say(words: str) -> None:
        tell(told_in_words(words))

    store = LibraryStore.at(Path(job.store))
    made = _earlier(store, "released", job)
    if made is None:
        try:
            make_release(store, job.by, job.at, lambda made, library: refuse_unsettled(made, library, say), say)
        except Unsettled as error:
            findings = [{"key": key, "words": words} for key, words in error.findings[:_SHOWN]]
            n = len(error.findings)
            reason = f"{n:,} conflict{'s' if n > 1 else ''} that nobody settled; nothing was released"
            return Ended(WorkState.REFUSED, reason, {"conflicts": findings, "n_conflicts": n})
        except StepRefused as error:
            # The process of an earlier try may have come to its end just now.
            if _earlier(store, "released", job) is None:
                return Ended(WorkState.REFUSED, str(error), None)
        made = _earlier(store, "released", job)
    if made is None:
        return Ended(WorkState.FAILED, "the release is not in the library's journal; ask for it again", None)
    return Ended(WorkState.DONE, None, _released(store, made))


def _released(store: LibraryStore, event: Event) -> dict[str, Any]:
    name, digest = f"{store.name}-{event.body['number']}", event.body["manifest"]
    found = find_release(name, store.path)
    n_references = len(read_release(found).references) if found is not None else 0
    words = f"{name} was made and signed: {n_references:,} references, digest {digest[:12]}"
    return {"release": name, "digest": digest, "n_references": n_references, "words": words}


def _earlier(store: LibraryStore, kind: str, job: Job) -> Event | None:
    """What this piece of work, now or in an earlier try, has written into the journal."""
    person = " ".join(job.by.split())
    found = (event for event in store.journal.events() if event.kind == kind)
    return next((each for each in found if each.by == person and each.at in (*job.earlier, job.at)), None)


# -- an import ---------------------------------------------------------------------------------------------------------


def import_step(job: Job, tell: Tell) -> Ended:
    """Read the source into a folder library, propose it, and say what became of everything."""
    store = LibraryStore.at(Path(job.store))
    place = Path(job.place)
    sent = _sent_file(job, place)
    n_members = _count_members(sent)
    source = source_named(job.request["source"])
    path = sent or source.default_path()
    if path is None:
        raise SourceRefused(f"{source.name} is not installed beside this service")
    folder = place / f"{re.sub(r'[^A-Za-z0-9]+', '-', sent.stem).strip('-')[:40] if sent else source.name}-library"
    if decisions := job.request.get("decisions"):
        answers = {
            each: Decided(said["because"], said["controlled"], said["watch"]) for each, said in decisions.items()
        }
        decide(folder, answers, job.by, job.at)

    def count(done: int, _: str) -> None:
        tell(Told(min(done, n_members) if n_members else done, n_members, "reading files"))

    imported = import_library(source, path, folder, _known(), _statements(job), job.at[:10], count)
    report = None
    if imported.n_references:
        report = propose_folder(store, folder, job.by, job.at, lambda words: tell(told_in_words(words)))
    result = _import_result(store, job, imported, report)
    (place / f"left-out-{job.work_id}.csv").write_text(_left_out_table(imported, result), encoding="utf-8", newline="")
    result = {**result, "refused": result["refused"][:_SHOWN], "drafts": result["drafts"][:_SHOWN]}
    if not imported.n_references:
        reason = f"nothing of it could be read: {len(imported.counted):,} left out, each with its reason"
        return Ended(WorkState.REFUSED, reason, result)
    return Ended(WorkState.DONE, None, result)


def _sent_file(job: Job, place: Path) -> Path | None:
    """The bytes that were sent under a name of ours that still reminds of theirs; None where nothing was sent."""
    if "sha256" not in job.request:
        return None
    content = FileStore(Path(job.uploads)).read(job.request["sha256"])
    folder = place / "sent"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / sent_file_name(job.request["file"])
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)
    return path


def sent_file_name(name: str) -> str:
    """A file name that leads nowhere: letters, digits, and the ending that says the format."""
    found = re.fullmatch(r"(.*)\.([A-Za-z0-9]{1,8})", name, re.DOTALL)
    stem, ending = (found[1], f".{found[2].lower()}") if found else (name, "")
    return (re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:80] or "upload") + ending


def _count_members(sent: Path | None) -> int | None:
    """How many files there are to read.

    Raises
    ------
    SourceRefused
        The archive unpacks to more than what may come over the network.
    """
    if sent is None:
        return None
    if not zipfile.is_zipfile(sent):
        return 1
    try:
        with zipfile.ZipFile(sent) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise SourceRefused("the archive cannot be opened; pack it again and send it once more") from None
    unpacked = sum(each.file_size for each in entries)
    if len(entries) > _MOST_ENTRIES or unpacked > _MOST_UNPACKED:
        raise SourceRefused(
            f"the archive holds {len(entries):,} files and unpacks to {unpacked / 2**20:,.0f} MiB; at most"
            f" {_MOST_ENTRIES:,} files and {_MOST_UNPACKED // 2**20:,} MiB are taken: split it, or import it at the"
            " command line"
        )
    return len(entries)


def _known() -> KnownSubstances:
    return KnownSubstances(tuple(read_known(starter_folder() / MANIFEST_NAME)))


def _statements(job: Job) -> Statements:
    said = dict(job.request["stated"])
    controlled, licence = said.pop("controlled", None), said.pop("licence", None)
    return Statements(Stated(**said), None if controlled is None else controlled == "yes", licence)


def _import_result(store: LibraryStore, job: Job, imported: Imported, report: ProposalReport | None) -> dict[str, Any]:
    event = _earlier(store, "proposed", job)  # also where an earlier try was ended behind it
    proposed = list(event.body["ids"]) if event else []
    drafts = [[identifier, why] for identifier, why in (event.body["held"] if event else ())]
    taken = {*proposed, *(identifier for identifier, _ in drafts)}
    known = [each for each in (report.known if report else ()) if each not in taken]
    refused = [[_label(each.what), _plain_reason(each.reason)] for each in (report.refused if report else ())]
    blocking = [each for each in (report.findings if report else ()) if each.is_blocking]
    words = (
        f"{len(proposed):,} proposed, {len(drafts):,} kept as drafts, {len(known):,} known already,"
        f" {len(refused):,} waiting or refused, {len(imported.counted):,} left out"
    )
    return {
        "words": words,
        "n_references": imported.n_references,
        "n_substances": imported.n_substances,
        "n_proposed": len(proposed),
        "first": proposed[0] if proposed else None,
        "last": proposed[-1] if proposed else None,
        "n_known": len(known),
        "n_drafts": len(drafts),
        "drafts": drafts,
        "n_refused": len(refused),
        "refused": refused,
        "n_left_out": len(imported.counted),
        "left_out": [[each.file, _plain_reason(each.reason)] for each in imported.counted[:_SHOWN]],
        "conflicts": [_conflict(each) for each in imported.conflicts if each.must_decide][:_SHOWN],
        "n_undecided": len(imported.undecided),
        "to_settle": [
            {"key": each.key, "words": each.words} for each in blocking if each.references[0] not in dict(drafts)
        ][:_SHOWN],
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    return {
        "id": conflict.id,
        "kind": conflict.kind,
        "asks_status": conflict.kind in STATUS_KINDS,
        "needs_source": conflict.kind in NEEDS_SOURCE,
        "subject": conflict.subject,
        "question": conflict.question,
        "n_references": len(conflict.references),
        "decision": conflict.decision,
    }


def _label(place: str) -> str:
    """The folder library's own file names bear a digest that nobody has seen before."""
    return re.sub(r"^(?:files|spectra)/|-[0-9a-f]{10}(?=[-.]|$)", "", place)


def _plain_reason(reason: str) -> str:
    return re.sub(rf"; [^;]*\b{CONFLICTS_NAME}\b[^;]*$", "; it waits for a decision", reason)


def _left_out_table(imported: Imported, result: dict[str, Any]) -> str:
    """Everything that did not become a proposed reference, and why; no cell that a spreadsheet would run."""
    rows: list[Iterable[str]] = [("left out", each.file, _plain_reason(each.reason)) for each in imported.left_out]
    rows += [("waits or refused", what, why) for what, why in result["refused"]]
    rows += [("kept as a draft", what, why) for what, why in result["drafts"]]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(("what", "file or reference", "reason"))
    table.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
