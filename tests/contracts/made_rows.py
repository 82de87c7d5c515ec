"""One row, at least, of every audited table, with files behind those that name some."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from reachback.accounts.models import Account, ExternalIdentity, Token
from reachback.adjudication.models import (
    Finding,
    LaboratoryResult,
    OfficerQuestion,
    Referral,
)
from reachback.cases.models import Case, ClockEvent, FirstImpression
from reachback.curation.models import CaseReference
from reachback.db.files import FileStore
from reachback.db.session import Database
from reachback.intake.models import Attachment, Scan
from reachback.library_work.models import LibraryWork
from reachback.replies.models import Reply
from reachback.rescreening.models import Rescreening, RetrospectiveHit

__all__ = ["AT", "N_ROWS", "make_rows"]

N_ROWS = 17  # and as many entries of the audit log
AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
COMPONENTS = [{"substance": "caffeine", "form": None}]


def make_rows(database: Database, folder: Path) -> FileStore:
    """Write them, in two transactions; gives the store with their files."""
    files = FileStore(folder / "files")
    scan, photo, report = (files.keep(content) for content in (b"##TITLE=scan", b"a photo", b"a report"))
    with database.writing("test", "make.accounts") as session:
        session.add(Account(id="a1", name="anna", role="chemist", unit="harbour", created_at=AT))
        session.flush()
        session.add(Token(id="t1", account_id="a1", sha256="00", created_at=AT))
        session.add(ExternalIdentity(id="x1", account_id="a1", issuer="https://here", subject="7", created_at=AT))
    with database.writing("a1", "make.case") as session:
        session.add(
            Case(
                id="c1",
                unit="harbour",
                state="queued",
                lane="general",
                lane_rank=2,
                opened_at=AT,
                due_at=AT,
                opened_because="a test",
                scan_ids=["s1"],
            )
        )
        session.flush()
        session.add(
            Scan(
                id="s1",
                account_id="a1",
                unit="harbour",
                file_name="scan.jdx",
                sha256=scan,
                size=12,
                received_at=AT,
                state="identified",
                form={"where": "gate 7"},
                case_id="c1",
            )
        )
        session.add(ClockEvent(id="e1", case_id="c1", kind="breached", at=AT))
        session.add(FirstImpression(id="i1", case_id="c1", account_id="a1", text="sugar", at=AT))
        session.add(
            Finding(
                id="f1",
                case_id="c1",
                version=1,
                reading="first",
                account_id="a1",
                outcome="identified",
                components=COMPONENTS,
                comment="clear",
                at=AT,
            )
        )
        session.add(OfficerQuestion(id="q1", case_id="c1", asked_by="a1", question="wet?", asked_at=AT))
        session.add(Referral(id="r1", case_id="c1", laboratory="north", referred_by="a1", referred_at=AT, due_at=AT))
        session.flush()
        session.add(
            Attachment(
                id="p1",
                scan_id="s1",
                kind="powder",
                file_name="p.png",
                media_type="image/png",
                sha256=photo,
                size=7,
                received_at=AT,
            )
        )
        session.add(
            LaboratoryResult(
                id="l1",
                case_id="c1",
                laboratory="north",
                technique="GC-MS",
                components=COMPONENTS,
                reported_at=AT,
                reference_number="1/30",
                entered_by="a1",
                entered_at=AT,
                agrees=1,
            )
        )
        session.add(
            Reply(
                id="y1",
                case_id="c1",
                version=1,
                kind="answer",
                finding_id="f1",
                released_by="a1",
                released_at=AT,
                content={"text": "caffeine"},
                checkpoint_size=2,
                report_sha256=report,
            )
        )
        session.add(
            Rescreening(
                id="z1",
                key="k",
                begun_at=AT,
                begun_by="a1",
                since="made 1",
                library={"name": "made", "release": "2", "digest": "d"},
                changes={"added": {"ftir": ["x.jdx"]}, "gone": []},
                n_scans=1,
            )
        )
        session.flush()
        session.add(
            RetrospectiveHit(
                id="h1",
                rescreening_id="z1",
                scan_id="s1",
                case_id="c1",
                reasons=["a new reference names caffeine"],
                identification={"outcome": "match"},
                found_at=AT,
            )
        )
        session.add(
            CaseReference(
                id="b1",
                case_id="c1",
                scan_id="s1",
                finding_id="f1",
                laboratory_result_id="l1",
                reference_id="R000001",
                substance={"substance": "caffeine", "form": None},
                evidence={"case": "c1"},
                state="proposed",
                proposed_by="a1",
                proposed_at=AT,
            )
        )
        session.add(
            LibraryWork(
                id="w1",
                kind="release",
                asked_by="a1",
                by_name="anna",
                asked_at=AT,
                request={"comment": "the first"},
                content_key="00",
                state="done",
                tries=[AT.isoformat()],
                result={"release": "made 1"},
                ended_at=AT,
            )
        )
    return files
