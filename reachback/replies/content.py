"""What an officer reads, as data: every face – page, report, interface – shows this and adds nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reachback.exhibit_fusion import Held, fuse_stored, strip_groups, strips_of
from reachback.fusion_json import fusion_as_json
from reachback.replies.hazard_cards import cards_for, cards_out_of_reach
from reachback.replies.scan_summary import limits_by_family, not_seen_sentences, scan_summary
from reachback.wording import FUSION_WORDS, PRESUMPTIVE, printable
from spectra.fusion import Fusion

__all__ = [
    "AMENDMENT",
    "ANSWER",
    "ASK_A_CHEMIST",
    "CORRECTION",
    "MACHINE",
    "PRELIMINARY",
    "SCHEMA",
    "Facts",
    "reply_content",
]

SCHEMA = "reachback.reply/1"
ANSWER, PRELIMINARY, AMENDMENT, CORRECTION = "answer", "preliminary", "amendment", "correction"
MACHINE = "machine"  # no answer yet: what the machine alone says

ASK_A_CHEMIST = "If you doubt this verdict, ask for a chemist's review of this scan."
OPEN_OUTCOMES = frozenset({"class", "not_identified", "needs_laboratory", "machine"})
IN_WORDS = {
    "not_identified": "Not identified",
    "needs_laboratory": "This scan does not settle it; a laboratory has to",
    "machine": "Not reviewed: what follows is the machine's verdict alone",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a reply is made from.

    ``said`` is the deciding finding as JSON, ``laboratory`` the result that takes its place, ``readers`` the names of
    those who read, ``replaces`` and ``replaced_headline`` what was answered before, ``checkpoint`` the state of the
    audit log. ``beside`` are further scans of the exhibit, which count in what all say together and are not shown
    themselves; ``held`` names what the library has references of, by technique, ``known_classes`` the classes of all.
    """

    kind: str
    version: int
    scans: Sequence[Mapping[str, Any]]
    checkpoint: Mapping[str, Any]
    engine: str
    case: Mapping[str, Any] | None = None
    said: Mapping[str, Any] | None = None
    laboratory: Mapping[str, Any] | None = None
    readers: Sequence[str] = ()
    agreed: bool = False
    released_at: str | None = None
    released_by: str | None = None
    replaces: int | None = None
    replaced_headline: str | None = None
    beside: Sequence[Mapping[str, Any]] = ()
    held: Held = field(default_factory=dict)
    known_classes: Collection[str] | None = None


def reply_content(facts: Facts, class_of: Callable[[str], str | None]) -> dict[str, Any]:
    """The reply; ``class_of`` gives a substance's class in the library."""
    outcome, components = _answer(facts)
    return {
        "schema": SCHEMA,
        "kind": facts.kind,
        "version": facts.version,
        "replaces": facts.replaces,
        "replaced_headline": facts.replaced_headline,
        "case_id": None if facts.case is None else facts.case["case_id"],
        "exhibit": None if facts.case is None else facts.case["exhibit"],
        "unit": None if facts.case is None else facts.case["unit"],
        "marks": _marks(facts),
        "outcome": outcome,
        "headline": _headline(facts, outcome, components),
        "components": components,
        "comment": (facts.said or {}).get("comment") or "",
        "confidence": (facts.said or {}).get("confidence"),
        "evidence_used": _evidence_used(facts),
        "amended_because": (facts.said or {}).get("amended_because"),
        "read_by": {"names": list(facts.readers), "in_words": _readers_in_words(facts)},
        "laboratory": facts.laboratory,
        "together": _together(facts),
        "not_seen": not_seen_sentences(facts.scans, class_of, _named(facts, components)),
        "next_steps": _next_steps(facts, outcome),
        "cards": cards_for(_classes(facts, outcome, components)),
        "cards_out_of_reach": [] if facts.known_classes is None else cards_out_of_reach(facts.known_classes),
        "limits": limits_by_family(facts.scans, class_of),
        "scans": [scan_summary(scan, class_of) for scan in facts.scans],
        "released_at": facts.released_at,
        "released_by": facts.released_by,
        "engine": facts.engine,
        "checkpoint": dict(facts.checkpoint),
    }


def _evidence_used(facts: Facts) -> list[str]:
    """What the reader looked at; a laboratory's result rests on something else."""
    return [] if facts.laboratory is not None else list((facts.said or {}).get("evidence_used") or ())


def _answer(facts: Facts) -> tuple[str, list[dict[str, Any]]]:
    if facts.laboratory is not None:
        return "laboratory", [dict(part) for part in facts.laboratory["components"]]
    if facts.said is None:
        return "machine", []
    return str(facts.said["outcome"]), [dict(part) for part in facts.said["components"]]


def _named(facts: Facts, components: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the answer names; the machine's own verdict where there is no other."""
    if facts.kind != MACHINE:
        return [str(part["substance"]) for part in components]
    return [
        str(part["substance"])
        for scan in facts.scans
        for element in scan["elements"]
        for part in element.get("components") or ()
    ]


def _together(facts: Facts) -> dict[str, Any] | None:
    """What all scans and strips of the exhibit say together, of the machine's making; None where there is but one."""
    fusion = _fusion(facts)
    if fusion is None:
        return None
    sign, words = FUSION_WORDS[fusion.level]
    return {"in_words": f"{sign} {words}", **(fusion_as_json(fusion) or {})}


def _fusion(facts: Facts) -> Fusion | None:
    every = [*facts.scans, *facts.beside]
    return fuse_stored([scan["elements"] for scan in every], strips_of(every), facts.held)


def _marks(facts: Facts) -> list[str]:
    """What has to be seen before anything else is read."""
    marks = {
        MACHINE: ["MACHINE VERDICT – NOT REVIEWED"],
        PRELIMINARY: ["PRELIMINARY – ONE READER"],
        AMENDMENT: [f"AMENDED – REPLACES VERSION {facts.replaces}"],
        CORRECTION: [f"CORRECTION – REPLACES VERSION {facts.replaces}"],
    }.get(facts.kind, [])
    if facts.kind == AMENDMENT and facts.laboratory is None and len(facts.readers) < 2:
        marks = [*marks, "ONE READER"]
    return [*marks, PRESUMPTIVE if facts.laboratory is None else "LABORATORY RESULT"]


def _headline(facts: Facts, outcome: str, components: Sequence[Mapping[str, Any]]) -> str:
    names = " + ".join(_name(part) for part in components)
    if outcome == "laboratory":
        return f"The laboratory found: {names or 'nothing that it could name'}"
    if outcome == "class":
        return f"Suspected family: {names}; none of its members exactly"
    if outcome in IN_WORDS:
        seen = "; seen in it: " if facts.kind != MACHINE else ""
        return f"{IN_WORDS[outcome]}{seen}{names}" if names else IN_WORDS[outcome]
    return names


def _name(part: Mapping[str, Any]) -> str:
    name = f"{part['substance']} ({part['form']})" if part.get("form") else str(part["substance"])
    unknown = "" if part.get("in_library", True) else " [not in the library]"
    return printable(name) + unknown


def _readers_in_words(facts: Facts) -> str:
    if facts.kind == MACHINE:
        return "No chemist has read this scan."
    if facts.laboratory is not None:
        return "Established by a laboratory."
    if len(facts.readers) < 2:
        return "Read by one chemist."
    if len(facts.readers) == 2 and facts.agreed:
        return "Read by two chemists, the second without knowing the first finding; they agree."
    return f"Read by {len(facts.readers)} chemists; the last one decided."


def _next_steps(facts: Facts, outcome: str) -> list[str]:
    said_before = f" (“{facts.replaced_headline}”)" if facts.replaced_headline else ""
    steps = {
        MACHINE: [ASK_A_CHEMIST],
        PRELIMINARY: ["A second chemist will read this scan; an amended answer follows if he finds otherwise."],
        AMENDMENT: [f"Use this version instead of version {facts.replaces}{said_before}."],
        CORRECTION: [
            f"Do not use version {facts.replaces}{said_before} any more; tell everyone to whom you passed it on."
        ],
    }.get(facts.kind, [])
    if facts.laboratory is None:
        if outcome in OPEN_OUTCOMES - {"machine"}:
            steps = [*steps, "Send the sample to a laboratory, together with this report."]
        steps = [*steps, "Treat it as presumptive until a laboratory has confirmed it."]
    return [*steps, "Handle the sample as the cards below say."]


def _classes(facts: Facts, outcome: str, components: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """Classes of what was found, and what a positive strip points to: a scan may not see what a strip does.

    Where the answer leaves something open, also of what the machine suspects.
    """
    classes = [part.get("class") for part in components]
    if facts.laboratory is None:
        classes += strip_groups(strips_of([*facts.scans, *facts.beside]))
    if outcome not in OPEN_OUTCOMES:
        return classes
    for scan in facts.scans:
        for element in scan["elements"]:
            classes += [part.get("class") for part in element.get("components") or ()]
            classes += [alert.get("group") for alert in element.get("alerts") or ()]
            classes.append(element.get("class_hint"))
    return classes
