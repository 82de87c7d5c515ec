"""The words of a fused statement: calm, and never more than the parts say."""

from __future__ import annotations

from collections.abc import Sequence

from spectra.fusion import FusedAlert, FusedComponent, FusionLevel, Seen, Standing, TechniqueSupport
from spectra.spectrum import Technique
from spectra.strips import StripReading, StripResult

__all__ = ["alert_words", "component_words", "statement", "strip_words", "technique_name"]

_STRIP_WORDS = {
    StripReading.POSITIVE: "the {kind} strip is positive: this alone raises an alert",
    StripReading.NEGATIVE: "the {kind} strip is negative: that lowers no alert",
    StripReading.INVALID: "the {kind} strip is invalid and says nothing: repeat it",
}


def technique_name(technique: Technique) -> str:
    """The field's own spelling."""
    return "FTIR" if technique is Technique.FTIR else "Raman"


def statement(
    level: FusionLevel,
    components: Sequence[FusedComponent],
    alerts: Sequence[FusedAlert],
    unnamed: Sequence[str],
) -> str:
    """The whole in a sentence or two, alerts first.

    Parameters
    ----------
    unnamed : sequence of str
        Techniques that show something that could not be named.
    """
    parts = [f"{component.substance} ({_by(component)})" for component in components]
    if level is FusionLevel.CONTRADICTED:
        said = f"the measurements contradict each other. Named are {_listed(parts)}"
    elif parts:
        said = _listed(parts)
    else:
        said = "nothing was named"
    if parts and unnamed:
        said += f"; {' and '.join(unnamed)} {'show' if len(unnamed) > 1 else 'shows'} more than was named"
    return " ".join([*map(alert_words, alerts), f"Presumptive, not confirmed: {said}."])


def alert_words(alert: FusedAlert) -> str:
    """One alert, and everything that speaks for it."""
    which = f" ({', '.join(alert.substances)})" if alert.substances else ""
    return f"Alert: {alert.group}{which}, by {_listed(alert.by)}."


def component_words(component: FusedComponent) -> str:
    """One component, and what each technique says of it."""
    said = [f"{technique_name(one.technique)} {_support_words(one)}" for one in component.support]
    return f"{component.substance}: {'; '.join(said)}"


def strip_words(strip: StripResult) -> str:
    """What one strip says."""
    return _STRIP_WORDS[strip.result].format(kind=strip.kind)


def _support_words(one: TechniqueSupport) -> str:
    match one.seen:
        case Seen.NAMED:
            several = f" in {one.scans} of {one.usable} scans" if one.usable > 1 else ""
            return f"names it{several} (confidence {one.confidence or 0.0:.2f})"
        case Seen.ALIKE:
            return "names something that it cannot tell from it"
        case Seen.INDICATED:
            return "indicates it"
        case Seen.NO_REFERENCE:
            return "has no reference of it"
        case Seen.UNUSABLE:
            return "could not be judged"
        case Seen.NOT_SEEN:
            limit = (
                "" if one.limit_share is None else f", and would from about {100 * one.limit_share:.0f} % of its signal"
            )
            return f"does not show it{limit}"


def _by(component: FusedComponent) -> str:
    named = [technique_name(one.technique) for one in component.support if one.seen is Seen.NAMED]
    alone = " alone" if len(named) == 1 and len(component.support) > 1 else ""
    against = ", contradicted" if component.standing is Standing.CONTRADICTED else ""
    return f"{' and '.join(named)}{alone}{against}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
