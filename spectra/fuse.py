"""Raman, FTIR and immunoassay strips of one exhibit: one presumptive statement, with the reasoning shown.

The rules, in the order in which they bind:

1. An alert by any scan or strip is an alert of the exhibit. Nothing lowers it: no negative strip, no scan that does
   not see the substance.
2. Raman and FTIR are not independent: they look at the same molecules of the same spot through one library. Their
   confidences are not multiplied. The strongest single scan's stands, and both are shown.
3. A component that both techniques name is corroborated; one that one of them names is listed as that one's.
4. A contradiction is shown and settles nothing; it is never averaged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

from spectra.fused_alerts import fused_alerts
from spectra.fusion import FusedComponent, Fusion, FusionLevel, Seen, Standing, TechniqueSupport
from spectra.fusion_words import component_words, statement, strip_words, technique_name
from spectra.packaging import ONLY_PACKAGING
from spectra.spectrum import Technique
from spectra.strips import Source, StripReading, StripResult, rules_that_apply
from spectra.verdict import Component, Identification, Outcome

__all__ = ["fuse"]

_SETTLED = (Outcome.MATCH, Outcome.MIXTURE)

NOT_INDEPENDENT = (
    "Raman and FTIR look at the same molecules: their confidences are not multiplied, the strongest single one stands"
)

# What each technique is known to be blind to, said where a verdict would otherwise seem to cover it.
BLIND_SPOTS = {
    Technique.RAMAN: "Raman does not see through strong fluorescence, and misses minor components",
    Technique.FTIR: "FTIR is hidden by water, and misses minor components",
}


def fuse(
    scans: Sequence[Identification],
    strips: Sequence[StripResult] = (),
    held: Mapping[Technique, Collection[str]] | None = None,
) -> Fusion:
    """Say what scans and strips of one exhibit say together.

    Parameters
    ----------
    scans : sequence of Identification, length n_scans
    strips : sequence of StripResult
    held : mapping of Technique to names, optional
        Substances of which the library has references, so that "not seen" is not said of what could not be seen.
    """
    components = _components(scans, held or {})
    alerts = fused_alerts(scans, strips)
    disagreements = [*_disagreements(scans), *_missed(components)]
    level = _level(scans, components, bool(disagreements))
    strip_reasons, sources = _strip_reasons(scans, strips)
    return Fusion(
        statement=statement(level, components, alerts, _unnamed(scans)),
        level=level,
        components=components,
        alerts=alerts,
        reasons=(*disagreements, *_scan_reasons(scans, components), *strip_reasons),
        sources=sources,
        reach_back=bool(alerts) or bool(disagreements) or not scans or any(scan.reach_back for scan in scans),
    )


def _usable(scans: Sequence[Identification], technique: Technique) -> list[Identification]:
    """Scans of a technique that say something of the sample."""
    return [s for s in scans if s.spectrum.technique is technique and not _is_mute(s)]


def _is_mute(scan: Identification) -> bool:
    return scan.outcome is Outcome.UNUSABLE or _saw_only_packaging(scan)


def _saw_only_packaging(scan: Identification) -> bool:
    return ONLY_PACKAGING in scan.reasons


def _techniques(scans: Sequence[Identification]) -> list[Technique]:
    return [technique for technique in Technique if any(s.spectrum.technique is technique for s in scans)]


# -- components


def _components(
    scans: Sequence[Identification], held: Mapping[Technique, Collection[str]]
) -> tuple[FusedComponent, ...]:
    named: dict[str, list[Component]] = {}
    for scan in scans:
        for component in scan.components:
            named.setdefault(component.substance, []).append(component)
    fused = [_component(substance, parts, scans, held) for substance, parts in named.items()]
    return tuple(sorted(fused, key=lambda c: (c.standing is not Standing.CORROBORATED, -c.confidence, c.substance)))


def _component(
    substance: str,
    parts: list[Component],
    scans: Sequence[Identification],
    held: Mapping[Technique, Collection[str]],
) -> FusedComponent:
    support = tuple(_support(substance, technique, scans, held.get(technique)) for technique in _techniques(scans))
    n_naming = sum(one.seen is Seen.NAMED for one in support)
    standing = Standing.CORROBORATED if n_naming > 1 else Standing.ONE_TECHNIQUE
    if any(_should_have_shown(one, support) for one in support):
        standing = Standing.CONTRADICTED
    return FusedComponent(
        substance=substance,
        forms=tuple(sorted({part.form for part in parts if part.form})),
        standing=standing,
        confidence=max(part.confidence for part in parts),
        controlled=any(part.controlled for part in parts),
        substance_class=next((part.substance_class for part in parts if part.substance_class), None),
        support=support,
    )


def _support(
    substance: str, technique: Technique, scans: Sequence[Identification], held: Collection[str] | None
) -> TechniqueSupport:
    usable = _usable(scans, technique)
    naming = [c for scan in usable for c in scan.components if c.substance == substance]
    limits = [t.limit_share for scan in usable for t in scan.targets if t.substance == substance and not t.detected]
    known = [limit for limit in limits if limit is not None]
    return TechniqueSupport(
        technique=technique,
        seen=Seen.NAMED if naming else _seen(substance, usable, held),
        scans=len(naming),
        usable=len(usable),
        confidence=max((c.confidence for c in naming), default=None),
        share=max((c.share for c in naming), default=None),
        limit_share=min(known) if known and not naming else None,
    )


def _seen(substance: str, usable: list[Identification], held: Collection[str] | None) -> Seen:
    if not usable:
        return Seen.UNUSABLE
    if any(alert.substance == substance for scan in usable for alert in scan.alerts):
        return Seen.INDICATED
    if any(substance in c.indistinguishable_from for scan in usable for c in scan.components):
        return Seen.ALIKE
    return Seen.NO_REFERENCE if held is not None and substance not in held else Seen.NOT_SEEN


def _should_have_shown(one: TechniqueSupport, support: Sequence[TechniqueSupport]) -> bool:
    """True where this technique would have shown what another names with so large a share, and does not."""
    largest = max((other.share for other in support if other.share is not None), default=0.0)
    return one.seen is Seen.NOT_SEEN and one.limit_share is not None and one.limit_share < largest / 2


# -- agreement


def _disagreements(scans: Sequence[Identification]) -> list[str]:
    """Pairs of scans that each name everything they see, and name nothing in common."""
    said: list[str] = []
    settled = [scan for scan in scans if scan.outcome in _SETTLED]
    for one, other in combinations(settled, 2):
        if _may_be(one) & _may_be(other):
            continue
        names = " + ".join(c.substance for c in one.components), " + ".join(c.substance for c in other.components)
        kinds = technique_name(one.spectrum.technique), technique_name(other.spectrum.technique)
        if kinds[0] == kinds[1]:
            said.append(f"two {kinds[0]} scans name {names[0]} and {names[1]}: the exhibit is not the same everywhere")
        else:
            said.append(
                f"contradiction: {kinds[0]} names {names[0]}, {kinds[1]} names {names[1]}; neither is preferred"
            )
    return list(dict.fromkeys(said))


def _may_be(scan: Identification) -> set[str]:
    return {name for c in scan.components for name in (c.substance, *c.indistinguishable_from)}


def _missed(components: Sequence[FusedComponent]) -> list[str]:
    said = []
    for component in components:
        for one in component.support:
            if component.standing is Standing.CONTRADICTED and _should_have_shown(one, component.support):
                name, limit = technique_name(one.technique), f"{100 * (one.limit_share or 0.0):.0f} %"
                said.append(
                    f"contradiction: {name} does not show {component.substance}, which it would have shown from about"
                    f" {limit} of its signal"
                )
    return said


def _level(scans: Sequence[Identification], components: Sequence[FusedComponent], disagreement: bool) -> FusionLevel:
    if disagreement:
        return FusionLevel.CONTRADICTED
    settled = {scan.spectrum.technique for scan in scans if scan.outcome in _SETTLED}
    if len(settled) > 1 and all(component.standing is Standing.CORROBORATED for component in components):
        return FusionLevel.CORROBORATED
    if settled:
        return FusionLevel.SETTLED
    return FusionLevel.PARTLY if components else FusionLevel.UNRESOLVED


def _unnamed(scans: Sequence[Identification]) -> tuple[str, ...]:
    """Techniques that show something that could not be named, where anything was named at all."""
    open_ = {s.spectrum.technique for s in scans if s.outcome not in _SETTLED and not _is_mute(s)}
    return tuple(technique_name(technique) for technique in Technique if technique in open_)


# -- reasons


def _scan_reasons(scans: Sequence[Identification], components: Sequence[FusedComponent]) -> list[str]:
    techniques = _techniques(scans)
    usable = [technique for technique in techniques if _usable(scans, technique)]
    reasons = [component_words(component) for component in components]
    reasons += [NOT_INDEPENDENT] if len(usable) > 1 else []
    for component in components:
        if len(component.forms) > 1:
            reasons.append(f"the scans name different forms of {component.substance}: {', '.join(component.forms)}")
    for name in (technique_name(technique) for technique in techniques if technique not in usable):
        reasons.append(f"no {name} scan says anything of the sample: {name} excludes nothing")
    reasons += [sentence for scan in scans for sentence in _set_aside_or_left(scan)]
    reasons += [BLIND_SPOTS[technique] for technique in usable]
    return list(dict.fromkeys(reasons))


def _set_aside_or_left(scan: Identification) -> list[str]:
    name = technique_name(scan.spectrum.technique)
    if _saw_only_packaging(scan):
        return [f"{name}: {ONLY_PACKAGING}"]
    said = [f"{' and '.join(scan.background)} of the packaging was set aside in {name}"] if scan.background else []
    if scan.outcome not in _SETTLED and scan.unexplained is not None and scan.components:
        said.append(f"{name} leaves {100 * scan.unexplained.share:.0f} % of its signal unnamed")
    return said


def _strip_reasons(
    scans: Sequence[Identification], strips: Sequence[StripResult]
) -> tuple[list[str], tuple[Source, ...]]:
    found = {c.substance for scan in scans for c in scan.components}
    reasons: list[str] = []
    sources: dict[Source, None] = {}
    for strip in strips:
        reasons.append(strip_words(strip))
        for sentence, source in rules_that_apply(strip, found):
            reasons.append(sentence)
            sources[source] = None
    kinds = {strip.kind for strip in strips}
    for kind in sorted(kinds):
        readings = {strip.result for strip in strips if strip.kind == kind} - {StripReading.INVALID}
        if len(readings) > 1:
            reasons.append(f"{kind} strips disagree: the positive one counts")
    return list(dict.fromkeys(reasons)), tuple(sources)
