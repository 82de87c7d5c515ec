"""How a verdict is put into words: the same sentences on every face."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from spectra.fusion import FusionLevel
from spectra.reference import Grade, ReferenceSet
from spectra.spectrum import Technique
from spectra.verdict import Alert, AlertLevel, Component, Outcome, Target, Unexplained

__all__ = [
    "FUSION_WORDS",
    "OUTCOME_MEANINGS",
    "OUTCOME_WORDS",
    "PRESUMPTIVE",
    "SHARE_NOTE",
    "Told",
    "alert_sentence",
    "background_sentence",
    "component_name",
    "dose_far_below",
    "grade_words",
    "headline",
    "percent",
    "printable",
    "substance_classes",
    "target_sentences",
    "technique_name",
    "unexplained_sentence",
]

PRESUMPTIVE = "PRESUMPTIVE – not confirmed"
SHARE_NOTE = "Share is a part of the signal, not a weight and not a purity."

# Sign and words carry the meaning; colour only repeats it.
OUTCOME_WORDS = {
    Outcome.MATCH: ("●", "MATCH"),
    Outcome.MIXTURE: ("◆", "MIXTURE"),
    Outcome.CLASS: ("▲", "SUSPECTED FAMILY"),
    Outcome.INCONCLUSIVE: ("?", "INCONCLUSIVE"),
    Outcome.NO_MATCH: ("○", "NO MATCH"),
    Outcome.UNUSABLE: ("×", "SCAN NOT USABLE"),
}

OUTCOME_MEANINGS = {
    Outcome.MATCH: "One substance explains the whole scan.",
    Outcome.MIXTURE: "Several substances together explain the whole scan.",
    Outcome.CLASS: "It looks like a family of substances, but like none of them exactly.",
    Outcome.INCONCLUSIVE: "Some of it is known, not all. A chemist should look.",
    Outcome.NO_MATCH: "Nothing in the library explains it. The engine refuses to name it rather than guess.",
    Outcome.UNUSABLE: "The measurement is too poor to be judged. The engine asks for a new scan.",
}

FUSION_WORDS = {
    FusionLevel.CORROBORATED: ("●", "BOTH TECHNIQUES AGREE"),
    FusionLevel.SETTLED: ("◆", "NAMED"),
    FusionLevel.PARTLY: ("?", "PARTLY NAMED"),
    FusionLevel.CONTRADICTED: ("▲", "CONTRADICTION"),
    FusionLevel.UNRESOLVED: ("○", "NOT NAMED"),
}

FENTANYL_CLASS = "fentanyl-related"
FAR_BELOW_ANY_LIMIT = ("carfentanil", "nitazene")  # their dose lies far below what such a scan can show
MAX_BANDS_NAMED = 8


class Told(Protocol):
    """What of a verdict is put into words: a fresh identification has it, and so has a stored one."""

    @property
    def outcome(self) -> Outcome:
        """One of the six answers."""
        ...

    @property
    def components(self) -> tuple[Component, ...]:
        """The named parts."""
        ...

    @property
    def class_hint(self) -> str | None:
        """The suspected family."""
        ...

    @property
    def unexplained(self) -> Unexplained | None:
        """What no reference accounts for."""
        ...

    @property
    def targets(self) -> tuple[Target, ...]:
        """The watched substances."""
        ...

    @property
    def background(self) -> tuple[str, ...]:
        """The packaging that was set aside."""
        ...


def printable(text: str) -> str:
    """Text that cannot steer a terminal: control characters are written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def percent(share: float | None) -> str:
    """A share [1] as ``"6 %"``; one decimal below 1 %."""
    if share is None or not math.isfinite(share):
        return "unknown"
    value = 100.0 * share
    return f"{value:.1f} %" if 0.05 <= value < 0.95 else f"{value:.0f} %"


def technique_name(technique: Technique) -> str:
    """The field's own spelling."""
    return "FTIR" if technique is Technique.FTIR else "Raman"


def component_name(component: Component) -> str:
    """Substance and form: ``"cocaine (hydrochloride)"``."""
    name = f"{component.substance} ({component.form})" if component.form else component.substance
    return printable(name)


def grade_words(grade: Grade) -> str:
    """What the component's reference is."""
    return "measured" if grade is Grade.MEASURED else "band table"


def headline(identification: Told) -> str:
    """What was found, in one line without the outcome's own words."""
    names = [component_name(component) for component in identification.components]
    outcome = identification.outcome
    if outcome in (Outcome.MATCH, Outcome.MIXTURE):
        return " + ".join(names)
    if outcome is Outcome.CLASS:
        family = f"suspected: {printable(identification.class_hint or 'unknown family')}, none of them exactly"
        return f"{family}; with {', '.join(names)}" if names else family
    if outcome is Outcome.INCONCLUSIVE:
        if not names and identification.background:
            return "only the packaging is seen"
        return f"{', '.join(names)}, and something else" if names else "something is there that could not be named"
    if outcome is Outcome.NO_MATCH:
        return "none of the library's substances explains this scan"
    return "the scan cannot be judged; measure again"


def alert_sentence(alert: Alert) -> str:
    """One alert, calm, with what it rests on."""
    what = printable(alert.substance or f"a substance of the group {alert.group}")
    group = f" ({printable(alert.group)})" if alert.substance else ""
    share = "" if alert.share is None else f", about {percent(alert.share)} of the signal"
    strength, addressee = (
        ("indicated", "") if alert.level is AlertLevel.ALARM else ("possible", ", for the chemist to judge")
    )
    return f"{what}{group} {strength}{share}, confidence {alert.confidence:.2f}{addressee}."


def background_sentence(background: Sequence[str]) -> str | None:
    """The packaging that was seen and set aside."""
    if not background:
        return None
    return f"{printable(', '.join(background))} of the packaging: no part of the sample, and of no share"


def unexplained_sentence(identification: Told) -> str | None:
    """The rest that nothing accounts for, and where its bands are."""
    rest = identification.unexplained
    if rest is None:
        return None
    bands = ", ".join(f"{band:.0f}" for band in rest.bands[:MAX_BANDS_NAMED])
    more = f" and {len(rest.bands) - MAX_BANDS_NAMED} more" if len(rest.bands) > MAX_BANDS_NAMED else ""
    where = f"; bands at {bands}{more} cm⁻¹" if bands else ""
    return f"{percent(rest.share)} of the signal{where}"


def substance_classes(references: ReferenceSet) -> Mapping[str, str]:
    """Class of each substance of a library, lower case; empty where the manifest gives none."""
    return {entry.substance: (entry.substance_class or "").casefold() for entry in references.entries}


def target_sentences(identification: Told, classes: Mapping[str, str]) -> list[str]:
    """What this scan says of the watched substances: those seen, and what "not seen" is worth."""
    targets = identification.targets
    if identification.outcome is Outcome.UNUSABLE:
        return ["This scan can exclude nothing."]
    seen = [target.substance for target in targets if target.detected]
    sentences = [f"Seen: {printable(', '.join(seen))}."] if seen else []
    unseen = [target for target in targets if not target.detected]
    beyond = [target for target in unseen if dose_far_below(target.substance, classes)]
    family = [t for t in unseen if t not in beyond and classes.get(t.substance) == FENTANYL_CLASS]
    fentanyl = [target for target in family if target.substance.casefold() == "fentanyl"]
    relatives = [target for target in family if target not in fentanyl]
    others = [target for target in unseen if target not in beyond and target not in family]
    sentences += [_negative(target) for target in fentanyl]
    if relatives:
        sentences.append(f"Other fentanyl-related substances not seen: {len(relatives)}{_limits(relatives)}.")
    if beyond:
        names = printable(", ".join(target.substance for target in beyond))
        sentences.append(f"Not excluded by this method: {names}.")
    if others:
        sentences.append(f"Other watched substances not seen: {len(others)}{_limits(others)}.")
    if not any(target.substance.casefold() == "fentanyl" for target in targets):
        sentences.append("Fentanyl is not among this library's references: this scan says nothing about it.")
    return sentences


def _negative(target: Target) -> str:
    name = printable(target.substance[:1].upper() + target.substance[1:])
    ending = "a dangerous dose can lie below. Use a test strip."
    if target.limit_share is None:
        return f"{name} not seen. The smallest share this scan could have shown is not known; {ending}"
    return f"{name} not seen. This scan cannot see it below about {_limit(target.limit_share)} of the signal; {ending}"


def dose_far_below(substance: str, classes: Mapping[str, str]) -> bool:
    """Whether a dangerous dose of this substance lies far below what any such scan can show."""
    described = f"{substance} {classes.get(substance, '')}".casefold()
    return any(word in described for word in FAR_BELOW_ANY_LIMIT)


def _limit(share: float) -> str:
    """A detection limit; never rounded down to nothing."""
    return percent(max(share, 0.001))


def _limits(targets: list[Target]) -> str:
    known = [target.limit_share for target in targets if target.limit_share is not None]
    if not known:
        return " (no detection limit known)"
    low, high = _limit(min(known)), _limit(max(known))
    span = low if low == high else f"{low} to {high}"
    return f" (visible from about {span} of the signal)"
