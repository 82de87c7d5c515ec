"""Everything that the workbench shows of a case to this reader, gathered from the services that know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reachback.accounts.models import Role
from reachback.accounts.rights import Principal
from reachback.cases.models import CaseState
from reachback.cases.states import ANSWERED
from reachback.cases.worklist import Waiting, Worklist
from reachback.problems import NotFound, Problem
from reachback.stored_verdict import StoredVerdict
from reachback.web.verdict_words import VerdictWords, verdict_words
from reachback.wording import FUSION_WORDS, alert_sentence, background_sentence, target_sentences, unexplained_sentence
from spectra.fusion import FusionLevel

__all__ = ["MOST_SPECTRA", "MachineSays", "ShownScan", "ShownSpectrum", "Workbench", "workbench"]

MOST_SPECTRA = 40  # of one file that can be chosen; a map of a thousand is looked at by its file


@dataclass(frozen=True, slots=True)
class MachineSays:
    """The machine's verdict on one spectrum, in words."""

    element: Mapping[str, Any]
    verdict: VerdictWords
    alerts: tuple[str, ...]
    unexplained: str | None
    background: str | None
    watch_list: list[str]


@dataclass(frozen=True, slots=True)
class ShownSpectrum:
    """One spectrum that can be looked at; ``when`` tells it from others, ``machine`` is None for who reads blind."""

    scan_id: str
    position: int
    label: str
    when: str | None
    technique: str
    quality: Mapping[str, Any]
    machine: MachineSays | None


@dataclass(frozen=True, slots=True)
class ShownScan:
    """A scan of the case with the photos beside it. ``officer`` and ``device`` are None for who reads blind."""

    scan_id: str
    file_name: str
    received_at: str
    error: str | None
    circumstances: Mapping[str, Any]
    officer: Mapping[str, Any] | None
    device: Sequence[Mapping[str, Any]] | None
    photos: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Workbench:
    """A case as this reader may see it."""

    row: Waiting
    case: Mapping[str, Any]
    unfolded: bool
    scans: list[ShownScan]
    spectra: list[ShownSpectrum]
    together: Mapping[str, Any] | None
    questions: Sequence[Mapping[str, Any]]
    impressions: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]]
    findings_hidden: bool
    versions: Sequence[Mapping[str, Any]]
    laboratory: Mapping[str, Any] | None
    is_answered: bool
    may_read: bool
    may_refer: bool
    account_id: str

    @property
    def case_id(self) -> str:
        """The case."""
        return self.row.case_id

    @property
    def own_finding(self) -> Mapping[str, Any] | None:
        """What this reader has found already."""
        return next((each for each in self.findings if each["account_id"] == self.account_id), None)

    @property
    def amends(self) -> Mapping[str, Any] | None:
        """The version of the answer that this reader may replace by a new one; None where there is none."""
        return self.versions[0] if self.may_read and self.is_answered and self.versions else None


def workbench(services: Any, case_id: str, principal: Principal) -> Workbench:
    """Gather; NotFound where there is no such case."""
    row = Worklist(services.database, services.clock).one(case_id, principal)
    if row is None:
        raise NotFound("there is no such case")
    evidence = services.adjudication.readings.evidence(case_id, principal)
    records = {scan["scan_id"]: services.intake.show(scan["scan_id"], principal) for scan in evidence["scans"]}
    classes = services.adjudication.desk.known_substances().classes
    return Workbench(
        row=row,
        case=evidence["case"],
        unfolded=evidence["unfolded"],
        scans=[_scan(scan, records[scan["scan_id"]]) for scan in evidence["scans"]],
        spectra=[each for scan in evidence["scans"] for each in _spectra(scan, len(evidence["scans"]), classes)],
        together=_together(evidence["fusion"]),
        questions=evidence["questions"],
        impressions=evidence["first_impressions"],
        findings=evidence["findings"],
        findings_hidden=evidence["findings_hidden"],
        versions=_versions(services, case_id, principal),
        # That somebody has sent the sample to a laboratory says something, too.
        laboratory=services.adjudication.referrals.of_case(case_id, principal) if evidence["unfolded"] else None,
        is_answered=row.state in ANSWERED,
        may_read=principal.role is Role.CHEMIST,
        may_refer=_may_refer(row.state, evidence["unfolded"], principal),
        account_id=principal.account_id,
    )


def _may_refer(state: str, unfolded: bool, principal: Principal) -> bool:
    return unfolded and state != CaseState.WITHDRAWN and principal.role in (Role.CHEMIST, Role.SUPERVISOR)


def _scan(scan: Mapping[str, Any], record: Mapping[str, Any]) -> ShownScan:
    suspicions = scan["suspicions"]
    return ShownScan(
        scan_id=scan["scan_id"],
        file_name=scan["file_name"],
        received_at=scan["received_at"],
        error=record["error"],
        circumstances=scan["circumstances"],
        officer=None if suspicions is None else suspicions["officer"],
        device=None if suspicions is None else suspicions["device"],
        photos=record["attachments"],
    )


def _spectra(scan: Mapping[str, Any], n_scans: int, classes: Mapping[str, str]) -> list[ShownSpectrum]:
    """The spectra of a scan, the one that its verdict is about first."""
    suspicions = scan["suspicions"]
    many = len(scan["spectra"]) > 1
    shown = []
    for position, each in enumerate(scan["spectra"][:MOST_SPECTRA]):
        measured = each["scan"]
        technique = {"ftir": "FTIR", "raman": "Raman"}.get(str(measured.get("technique")), "?")
        laser = f" {measured['laser_nm']:g} nm" if measured.get("laser_nm") else ""
        label = f"{technique}{laser}{f' [{position}]' if many else ''}"
        machine = None if suspicions is None else _machine(suspicions["machine"][position], classes)
        when = scan["received_at"] if n_scans > 1 else None
        shown.append(ShownSpectrum(scan["scan_id"], position, label, when, technique, each["quality"] or {}, machine))
    return sorted(shown, key=lambda each: not each.quality.get("usable"))


def _machine(element: Mapping[str, Any], classes: Mapping[str, str]) -> MachineSays:
    verdict = StoredVerdict.of(element)
    return MachineSays(
        element=element,
        verdict=verdict_words(element),
        alerts=tuple(alert_sentence(alert) for alert in verdict.alerts),
        unexplained=unexplained_sentence(verdict),
        background=background_sentence(verdict.background),
        watch_list=target_sentences(verdict, classes),
    )


def _together(fusion: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if fusion is None:
        return None
    sign, words = FUSION_WORDS[FusionLevel(fusion["level"])]
    return {**fusion, "sign": sign, "in_words": words}


def _versions(services: Any, case_id: str, principal: Principal) -> list[dict[str, Any]]:
    try:
        versions: list[dict[str, Any]] = services.replies.of_case(case_id, principal)
    except Problem:
        return []
    return versions
