"""Documents on a scan: the report, and the package that proves a case to somebody who has nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from reachback import __version__
from reachback.accounts.rights import Principal
from reachback.audit.stored_rows import read_row
from reachback.cases.models import Case
from reachback.db.base import AuditedBase, JsonText
from reachback.problems import Conflict, NotFound
from reachback.replies import package_check, repository
from reachback.replies.content import MACHINE, Facts, reply_content
from reachback.replies.figures import Drawing, draw_scan_for_page
from reachback.replies.models import Reply
from reachback.replies.package_zip import pack, safe_name
from reachback.replies.reply_desk import ReplyDesk, StoredScan, scan_as_facts
from reachback.strict_json import dump_strictly

__all__ = ["Documents"]

READ_ME = """This package holds one case (or one scan that has no case).

originals/    the files as uploaded, and photos beside them
report*.pdf   what was answered, every version; report-machine.pdf where nobody has answered yet
case.json     the same as data, with everything that was said
proof/        for each row of case.json: the row as stored, and the proof that the audit log holds it

To check it: unpack it, and run
    python check_package.py
It needs Python with the package "cryptography", and nothing else.
"""
HIDDEN = "this case waits to be read blind: record your first impression, or finish your reading, before you look"


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Everything that a package is packed from, read in one transaction."""

    record: dict[str, Any]
    proofs: dict[str, bytes]
    reports: dict[str, str]  # name → SHA-256
    originals: dict[str, str]


@dataclass(frozen=True, slots=True)
class Documents:
    """Reports and packages."""

    desk: ReplyDesk

    def report(self, scan_id: str, version: int | None, principal: Principal) -> bytes:
        """The report as released; before that, the machine's verdict, marked as not reviewed."""
        with self.desk.database.reading() as session:
            scan = self.desk.intake.get_scan(session, scan_id, principal)
            self._refuse_hidden(session, scan, principal)
            replies = self._replies(session, scan)
            facts = None if replies or version else self._machine_facts(session, scan)
        if facts is not None:
            return self._machine_report(facts)
        chosen = [reply for reply in replies if version in (None, reply.version)]
        if not chosen:
            raise NotFound(f"there is no version {version} of an answer to this scan")
        return self.desk.stored_bytes(str(chosen[-1].report_sha256), f"report {chosen[-1].version}")

    def content(self, scan_id: str, principal: Principal) -> dict[str, Any]:
        """What holds now, as data: the newest version of the answer; before the first, the machine's verdict."""
        with self.desk.database.reading() as session:
            scan = self.desk.intake.get_scan(session, scan_id, principal)
            self._refuse_hidden(session, scan, principal)
            replies = self._replies(session, scan)
            if replies:
                return dict(replies[-1].content)
            return reply_content(self._machine_facts(session, scan), self.desk.class_of)

    def drawing(self, scan_id: str, position: int, principal: Principal) -> Drawing:
        """One spectrum of the file as a drawing, with what the machine made of it; no transaction is open meanwhile."""
        with self.desk.database.reading() as session:
            scan = self.desk.intake.get_scan(session, scan_id, principal)
            self._refuse_hidden(session, scan, principal)
        elements = scan.identifications or ()
        if not 0 <= position < len(elements):
            raise NotFound("this scan holds no such spectrum")
        stored = self.desk.stored_bytes(scan.sha256, f"scan {scan_id}")
        drawing = draw_scan_for_page(stored, elements[position], self.desk.library())
        if drawing is None:
            raise NotFound("there is nothing to draw of this spectrum")
        return drawing

    def package(self, scan_id: str, principal: Principal) -> bytes:
        """Originals, report, data and proofs in one archive; the same case gives the same bytes."""
        desk = self.desk
        with desk.database.reading() as session:
            scan = desk.intake.get_scan(session, scan_id, principal)
            self._refuse_hidden(session, scan, principal)
            bundle = self._bundle(session, scan, principal)
            facts = None if bundle.reports else self._machine_facts(session, scan)
        files = {"READ-ME.txt": READ_ME.encode(), "case.json": dump_strictly(bundle.record).encode(), **bundle.proofs}
        files["proof/audit-public-key.pem"] = desk.audit.public_key_text.encode()
        files["proof_check.py"] = desk.audit.verifier.read_bytes()
        files["check_package.py"] = Path(package_check.__file__).read_bytes()
        for path, sha256 in {**bundle.originals, **bundle.reports}.items():
            files[path] = desk.stored_bytes(sha256, path)
        if facts is not None:
            files["report-machine.pdf"] = self._machine_report(facts)
        return pack(files)

    def _refuse_hidden(self, session: Session, scan: StoredScan, principal: Principal) -> None:
        """Neither the machine's view nor another reader's finding reaches whoever still has to read blind."""
        if scan.case_id is None:
            return
        case = self.desk.cases.get(session, scan.case_id, principal)
        view = self.desk.cases.view(session, case, principal)
        hidden = not view.suspicions or (bool(self._replies(session, scan)) and not view.findings)
        if hidden:
            raise Conflict(HIDDEN, state=case.state)

    def _replies(self, session: Session, scan: StoredScan) -> Sequence[Reply]:
        return () if scan.case_id is None else repository.replies_of(session, scan.case_id)

    def _machine_facts(self, session: Session, scan: StoredScan) -> Facts:
        """A machine's report shows the log as it was when its scans were last written: so it stays the same."""
        if scan.state == "reserved":
            raise Conflict("this scan is being identified; ask again in a moment", state=scan.state)
        beside = self._beside(session, scan)
        indices = [self.desk.audit.last_index(session, "scans", each.id) for each in (scan, *beside)]
        known = [index for index in indices if index is not None]
        if len(known) < len(indices):
            raise Conflict("the audit log does not know this scan; have it verified")
        checkpoint = self.desk.audit.checkpoint_at(session, max(known) + 1)
        return Facts(
            kind=MACHINE,
            version=0,
            scans=[scan_as_facts(scan)],
            beside=[scan_as_facts(each) for each in beside],
            checkpoint={"size": checkpoint.size, "root_sha256": checkpoint.root_sha256, "note": checkpoint.note},
            engine=__version__,
            held=self.desk.held(),
            known_classes=self.desk.known_classes(),
        )

    def _beside(self, session: Session, scan: StoredScan) -> Sequence[StoredScan]:
        """The exhibit's other scans, as far as they are in the same case."""
        if scan.case_id is None:
            return ()
        return [each for each in self.desk.intake.scans_of_case(session, scan.case_id) if each.id != scan.id]

    def _machine_report(self, facts: Facts) -> bytes:
        return self.desk.draw(reply_content(facts, self.desk.class_of), facts.scans)

    def _bundle(self, session: Session, scan: StoredScan, principal: Principal) -> _Bundle:
        desk = self.desk
        case = None if scan.case_id is None else desk.cases.get(session, scan.case_id, principal)
        scans: Sequence[StoredScan] = [scan] if case is None else desk.intake.scans_of_case(session, case.id)
        rows = list(self._rows(session, scans, case, principal))
        record: dict[str, list[dict[str, Any]]] = {}
        indices = {key: desk.audit.last_index(session, *key) for key in rows}
        size = max((index for index in indices.values() if index is not None), default=-1) + 1
        proofs: dict[str, bytes] = {}
        for (table, row_id), index in indices.items():
            row = read_row(session, table, row_id)
            record.setdefault(table, []).append(_readable(table, row or {}))
            if index is not None:
                document = {"table": table, "row": row, "proof": desk.audit.proof(session, index, size)}
                proofs[f"proof/{table}-{row_id}.json"] = dump_strictly(document).encode()
        replies = self._replies(session, scan)
        reports = {f"report-{reply.version}.pdf": reply.report_sha256 for reply in replies if reply.report_sha256}
        return _Bundle(
            {"schema": "reachback.package/1", "rows": record}, proofs, reports, self._originals(session, scans)
        )

    def _rows(
        self, session: Session, scans: Sequence[StoredScan], case: Case | None, principal: Principal
    ) -> Iterator[tuple[str, str]]:
        """Table and id of every row that belongs to the case, as far as this account may see it."""
        for scan in scans:
            yield "scans", scan.id
            for attachment in self.desk.intake.attachments_of(session, scan.id):
                yield "attachments", attachment.id
        if case is None:
            return
        yield "cases", case.id
        if self.desk.cases.view(session, case, principal).findings:
            for table, rows in self.desk.adjudication.record(session, case).items():
                for row in rows:
                    yield table, row.id
        for reply in repository.replies_of(session, case.id):
            yield "replies", reply.id

    def _originals(self, session: Session, scans: Sequence[StoredScan]) -> dict[str, str]:
        originals: dict[str, str] = {}
        for scan in scans:
            originals[f"originals/{scan.id}/{safe_name(scan.file_name)}"] = scan.sha256
            for attachment in self.desk.intake.attachments_of(session, scan.id):
                name = f"originals/{scan.id}/{attachment.id}-{safe_name(attachment.file_name)}"
                originals[name] = attachment.sha256
        return originals


def _readable(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as data: what is stored as JSON text becomes JSON; the text itself lies beside its proof."""
    columns = AuditedBase.metadata.tables[table].columns
    return {
        name: json.loads(value) if isinstance(columns[name].type, JsonText) and value is not None else value
        for name, value in row.items()
    }
