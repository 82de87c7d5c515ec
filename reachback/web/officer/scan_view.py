"""Everything that the page of a scan shows, gathered from the services that know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.problems import Conflict, NotFound
from reachback.replies.content import ASK_A_CHEMIST, MACHINE
from reachback.replies.hazard_cards import UNKNOWN
from reachback.web.case_words import CASE_WORDS, is_open
from reachback.web.verdict_words import VerdictWords, has_own_card, verdict_words

__all__ = ["ScanView", "scan_view"]


@dataclass(frozen=True, slots=True)
class ScanView:
    """``content`` is the answer that holds now (`reply_content`), None while the scan is being identified.

    ``primary`` is the position of the spectrum that the verdict is about, ``summary`` the words on it.
    """

    record: dict[str, Any]
    content: dict[str, Any] | None
    verdict: VerdictWords | None
    summary: dict[str, Any] | None
    primary: int
    others: list[dict[str, Any]]
    case: dict[str, Any] | None
    case_words: tuple[str, str, str] | None
    is_open: bool
    versions: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    may_answer: bool
    may_send: bool

    @property
    def scan_id(self) -> str:
        """The scan."""
        return str(self.record["scan_id"])

    @property
    def is_answered(self) -> bool:
        """Whether a chemist's or a laboratory's answer is out."""
        return self.content is not None and self.content["kind"] != MACHINE

    @property
    def alarms(self) -> tuple[str, ...]:
        """What an officer has to read first."""
        return () if self.verdict is None else self.verdict.alarms

    @property
    def first_cards(self) -> int:
        """How many hazard cards come before everything else: those of an alarm, and of a family that is named."""
        cards = [] if self.content is None else self.content["cards"]
        is_special = bool(cards) and cards[0]["card"] != UNKNOWN
        is_named = self.is_answered or (self.verdict is not None and self.verdict.caution)
        return 1 if self.alarms or (is_special and (is_named or self._strip_warns())) else 0

    @property
    def together(self) -> dict[str, Any] | None:
        """What all scans and strips of the exhibit say together; None where there is but one."""
        return None if self.content is None else self.content.get("together")

    @property
    def positive_strips(self) -> list[str]:
        """What the officer's positive strips are made to show."""
        return [each["kind"] for each in self.record["form"].get("strips") or () if each["result"] == "positive"]

    def _strip_warns(self) -> bool:
        """Whether a positive strip points to a family with a hazard card of its own."""
        alerts = () if self.together is None else self.together["alerts"]
        return any(has_own_card([each["group"]]) for each in alerts if any(by.endswith(" strip") for by in each["by"]))

    @property
    def next_steps(self) -> list[str]:
        """What to do now: what would make the scan better, then the rest; whoever has been asked is not asked again."""
        quality = (None if self.summary is None else self.summary["quality"]) or {}
        steps = [] if self.content is None else self.content["next_steps"]
        advice = [] if self.is_answered else quality.get("advice") or []
        return [*advice, *(step for step in steps if not (step == ASK_A_CHEMIST and self.is_open))]

    def watched(self, seen: bool) -> list[str]:
        """What the scan says of the watched substances: of those that it shows, or of all others."""
        sentences = [] if self.summary is None else self.summary["watch_list"]
        return [each for each in sentences if each.startswith("Seen: ") == seen]

    @property
    def question(self) -> dict[str, Any] | None:
        """What waits for the officer's answer."""
        return next((each for each in self.questions if each["answered_at"] is None), None)


def scan_view(services: Any, scan_id: str, principal: Principal) -> ScanView:
    """Gather; NotFound also for what is another unit's, Conflict for whoever has to read the case blind."""
    record = services.intake.show(scan_id, principal)
    content = _content(services, record, principal)
    primary = _primary(record)
    case_id = None if record["case"] is None else record["case"]["case_id"]
    case = None if case_id is None else services.cases.show(case_id, principal)
    spectra = _spectra(content, scan_id)
    return ScanView(
        record=record,
        content=content,
        verdict=None if record["identification"] is None else verdict_words(record["identification"]),
        summary=spectra[primary] if primary < len(spectra) else None,
        primary=primary,
        others=[each for position, each in enumerate(spectra) if position != primary],
        case=case,
        case_words=None if case is None else CASE_WORDS[case["state"]],
        is_open=case is not None and is_open(case["state"]),
        versions=_versions(services, case_id, principal),
        questions=[] if case_id is None else services.adjudication.questions.of_case(case_id, principal),
        may_answer=principal.role in (Role.OFFICER, Role.SUPERVISOR),
        may_send=principal.role in (Role.OFFICER, Role.CHEMIST, Role.SUPERVISOR),
    )


def _content(services: Any, record: Mapping[str, Any], principal: Principal) -> dict[str, Any] | None:
    if record["state"] == "reserved":
        return None
    content: dict[str, Any] = services.replies.documents.content(record["scan_id"], principal)
    return content


def _primary(record: Mapping[str, Any]) -> int:
    """Position of the spectrum that the record's ``identification`` is of."""
    for position, element in enumerate(record["identifications"]):
        if element == record["identification"]:
            return position
    return 0


def _spectra(content: Mapping[str, Any] | None, scan_id: str) -> list[dict[str, Any]]:
    """Words on each spectrum of this scan; a case may hold further scans of the exhibit."""
    scans = [] if content is None else content["scans"]
    return next((list(scan["spectra"]) for scan in scans if scan["scan_id"] == scan_id), [])


def _versions(services: Any, case_id: str | None, principal: Principal) -> list[dict[str, Any]]:
    if case_id is None:
        return []
    try:
        versions: list[dict[str, Any]] = services.replies.of_case(case_id, principal)
    except (NotFound, Conflict):
        return []
    return versions
