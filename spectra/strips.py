"""Immunoassay strips: what they say, and what is published about when they err. Rules as data, each with its source."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "STRIP_RULES",
    "STRIP_TARGETS",
    "Source",
    "StripReading",
    "StripResult",
    "StripRule",
    "StripTarget",
    "plain_name",
    "rules_that_apply",
    "target_of",
]


class StripReading(StrEnum):
    """What a strip shows."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class StripResult:
    """One strip; ``kind`` names what it is made for: ``"fentanyl"``, ``"nitazene"`` or ``"xylazine"``, for example.

    Raises
    ------
    ValueError
        The kind is empty.
    """

    kind: str
    result: StripReading

    def __post_init__(self) -> None:
        if not self.kind.strip():
            raise ValueError("a strip needs a kind, such as fentanyl")


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that a rule rests on; ``name`` is how a sentence cites it."""

    name: str
    title: str
    doi: str


@dataclass(frozen=True, slots=True)
class StripTarget:
    """What a positive strip raises: a group of the library, or one substance of it."""

    group: str
    substance: str | None = None


@dataclass(frozen=True, slots=True)
class StripRule:
    """What is published about strips of a kind with some reading, where one of some substances is found.

    Parameters
    ----------
    reading : StripReading
        The reading that the rule speaks about.
    substances : frozenset of str
        Names as :func:`plain_name` writes them; empty: whatever is found.
    says : str
        The sentence, with ``{found}`` for the substances that were found.
    """

    kind: str
    reading: StripReading
    substances: frozenset[str]
    says: str
    source: Source


_LOCKWOOD = Source(
    "Lockwood et al. 2021",
    "High concentrations of illicit stimulants and cutting agents cause false positives on fentanyl test strips,"
    " Harm Reduction Journal 18:30",
    "10.1186/s12954-021-00478-4",
)
_LOTS = Source(
    "Harm Reduction Journal 2024",
    "Testing the test strips: laboratory performance of fentanyl test strips, Harm Reduction Journal (2024)",
    "10.1186/s12954-023-00921-8",
)
_PARK = Source(
    "Park et al. 2022",
    "Validation of a lateral flow chromatographic immunoassay for the detection of fentanyl in drug samples,"
    " Drug and Alcohol Dependence 240:109610",
    "10.1016/j.drugalcdep.2022.109610",
)

STRIP_TARGETS = {
    "fentanyl": StripTarget("fentanyl-related"),
    "nitazene": StripTarget("nitazene"),
    "benzodiazepine": StripTarget("benzodiazepine"),
}

STRIP_RULES = (
    StripRule(
        "fentanyl",
        StripReading.POSITIVE,
        frozenset({"diphenhydramine", "methamphetamine", "mdma"}),
        "false positives of fentanyl strips are published for {found} at 1 mg/mL and above: dilute further and repeat",
        _LOCKWOOD,
    ),
    StripRule(
        "fentanyl",
        StripReading.POSITIVE,
        frozenset({"diphenhydramine", "lidocaine", "mdma", "methamphetamine"}),
        "false positives of fentanyl strips, differing between lots, are published for {found}",
        _LOTS,
    ),
    StripRule(
        "fentanyl",
        StripReading.NEGATIVE,
        frozenset(),
        "of seized samples with fentanyls, a fentanyl strip missed 1.5 %; carfentanil and furanylfentanyl it did not"
        " detect at or below 1000 ng/mL",
        _PARK,
    ),
)


def plain_name(substance: str) -> str:
    """A substance's name without case and blanks, for comparison."""
    return "".join(substance.split()).casefold()


def target_of(strip: StripResult) -> StripTarget:
    """What a positive strip of this kind raises; a kind that is no group of the library raises its own name."""
    name = strip.kind.strip()
    return STRIP_TARGETS.get(plain_name(name), StripTarget(name, name))


def rules_that_apply(strip: StripResult, found: Collection[str]) -> tuple[tuple[str, Source], ...]:
    """Sentences about this strip, given the substances found beside it, and the source of each."""
    said = []
    for rule in STRIP_RULES:
        if rule.kind != plain_name(strip.kind) or rule.reading is not strip.result:
            continue
        present = sorted(name for name in found if plain_name(name) in rule.substances)
        if present or not rule.substances:
            said.append((f"{rule.says.format(found=' and '.join(present))} ({rule.source.name})", rule.source))
    return tuple(said)
