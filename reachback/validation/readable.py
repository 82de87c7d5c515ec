"""The report for people: one list of blocks, written as Markdown or as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from reachback import __version__
from reachback.validation.figures import Figures, Refusal
from reachback.validation.pictures import draw
from reachback.validation.proportions import Proportion
from reachback.validation.report import SCHEMA, Report, Section
from reachback.validation.trials import Half

__all__ = ["as_html", "as_markdown"]


@dataclass(frozen=True, slots=True)
class _Heading:
    text: str
    level: int


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@dataclass(frozen=True, slots=True)
class _Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Picture:
    name: str
    words: str
    svg: str


_Block = _Heading | _Text | _Table | _Picture

_HALVES = {
    Half.ALL: "All substances were judged.",
    Half.EVEN: "Judged were the substances whose name hashes to an even number; the others are only distractors.",
    Half.ODD: "Judged were the substances whose name hashes to an odd number; the others are only distractors.",
}
_DISTURBED = (
    "Simulated scans are mixtures of the references' own curves, seen by an instrument that does not exist. They show"
    " what the method can tell apart, not what a field instrument will. Disturbance I: an axis shifted and warped by"
    " about 1 cm⁻¹, a broadening up to 4 cm⁻¹, a gain tilted up to 6 %, a slow baseline up to 5 % and noise of 1/500 of"
    " the strongest band. II: also every band of every component varies by 2 % in height; IIb: by 5 %."
)


def as_markdown(report: Report, stem: str) -> tuple[str, dict[str, str]]:
    """Markdown text, and the SVG files that lie beside it, by file name."""
    lines: list[str] = []
    pictures: dict[str, str] = {}
    for block in _blocks(report):
        if isinstance(block, _Heading):
            lines.append(f"{'#' * block.level} {_marked(block.text)}")
        elif isinstance(block, _Text):
            lines.append(_marked(block.text))
        elif isinstance(block, _Table):
            rows = (block.header, ("---",) * len(block.header), *block.rows)
            lines.append("\n".join(f"| {' | '.join(map(_marked, row))} |" for row in rows))
        else:
            name = f"{stem}-{block.name}.svg"
            pictures[name] = block.svg
            lines.append(f"![{_marked(block.words)}]({name})")
    return "\n\n".join(lines) + "\n", pictures


def as_html(report: Report) -> str:
    """One HTML file with its pictures inside."""
    body: list[str] = []
    for block in _blocks(report):
        if isinstance(block, _Heading):
            body.append(f"<h{block.level}>{escape(block.text)}</h{block.level}>")
        elif isinstance(block, _Text):
            body.append(f"<p>{escape(block.text)}</p>")
        elif isinstance(block, _Table):
            head = "".join(f"<th>{escape(cell)}</th>" for cell in block.header)
            rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in block.rows)
            body.append(f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>")
        else:
            svg = block.svg[block.svg.index("<svg") :]
            body.append(f"<figure>{svg}<figcaption>{escape(block.words)}</figcaption></figure>")
    style = (
        "body{font:15px/1.5 sans-serif;max-width:64em;margin:2em auto;padding:0 1em}table{border-collapse:collapse}"
        "td,th{border:1px solid #bbb;padding:.25em .6em;text-align:left}figure{margin:1em 0}"
    )
    title = escape(f"Validation of {report.library.name}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{style}</style></head><body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def _marked(text: str) -> str:
    for sign in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _blocks(report: Report) -> Iterator[_Block]:
    library = report.library
    yield _Heading(f"Validation of {library.name} {library.release}", 1)
    yield _Text(
        "Every result of this method is presumptive; only a laboratory confirms. Every figure is a count out of a"
        " count with its exact 95 % interval (Clopper and Pearson)."
    )
    yield _Table(
        ("what", "which"),
        (
            ("library", f"{library.name} {library.release}, digest {library.digest}"),
            ("engine", f"{__version__} ({library.engine})"),
            ("known cases", report.cases),
            ("date, seed", f"{report.date}, {report.seed}{', quick' if report.quick else ''}"),
            ("schema", SCHEMA),
        ),
    )
    yield _Text(_HALVES[report.half])
    yield _Text(_summary(report))
    if report.problems or report.notes:
        yield _Heading("Not judged", 2)
        yield from (_Text(sentence) for sentence in (*report.problems, *report.notes))
    for section in report.sections:
        yield from _section(section)


def _summary(report: Report) -> str:
    if not report.missed:
        return "No stated goal was missed."
    names = "; ".join(
        f"{verdict.goal.words} ({section.technique}, {'simulated' if section.simulated else 'measured'})"
        for section, verdict in report.missed
    )
    return f"Missed: {names}."


def _section(section: Section) -> Iterator[_Block]:
    kind = "simulated" if section.simulated else "measured"
    technique = {"ftir": "FTIR", "raman": "Raman"}[section.technique]
    yield _Heading(f"{technique}, {kind} scans", 2)
    yield _Text(f"{section.figures.scans:,} scans from {section.data}; calibration: {section.calibration}.")
    if section.simulated:
        yield _Text(_DISTURBED)
    judged = tuple(verdict for verdict in section.goals if verdict.measured is not None)
    yield _Table(
        ("goal", "asked", "measured", "standing"),
        tuple((v.goal.words, _asked(v.goal.low, v.goal.high), _shown(v.measured), v.standing.value) for v in judged),
    )
    yield from _tables(section.figures)
    for name, svg in draw(section.figures).items():
        words = {
            "detection": f"{technique}, {kind}: watched substances in cuts that were seen, against their share",
            "reliability": f"{technique}, {kind}: how often listed components were right, against their confidence",
        }[name]
        yield _Picture(f"{section.technique}-{kind}-{name}", words, svg)


def _asked(low: float, high: float) -> str:
    if low and high < 1:
        return f"{100 * low:g} to {100 * high:g} %"
    return f"at least {100 * low:g} %" if low else f"at most {100 * high:g} %"


def _shown(measured: Proportion | float | None) -> str:
    return f"{measured:.3f}" if isinstance(measured, float) else str(measured)


def _tables(figures: Figures) -> Iterator[_Block]:
    if figures.naming:
        yield _Heading("Pure substances of the library", 3)
        yield _table(
            ("disturbance", "right", "wrong", "refused", "refused, but a wrong part listed"),
            [(n.disturbance, n.right, n.wrong, n.refused, n.listed_wrong) for n in figures.naming],
        )
        if figures.not_right:
            yield _table(("not always named right", "right"), figures.not_right)
    if figures.mixtures:
        yield _Heading("Mixtures (simulated ones hold at least a tenth of each part)", 3)
        yield _table(
            ("disturbance", "parts", "components found", "listed components true", "exact sets"),
            [(m.disturbance, str(m.size), m.recall, m.precision, m.exact) for m in figures.mixtures],
        )
    if figures.clean and figures.detection:
        yield _Heading("Watched substances in cuts", 3)
        yield _table(("disturbance", "clean cuts with a false alert"), list(figures.clean))
    if figures.detection:
        yield _table(
            ("disturbance", "share", "seen itself", "itself or its family", "any alert"),
            [(d.disturbance, f"{100 * d.share:g} %", d.itself, d.family, d.any_alert) for d in figures.detection],
        )
    for limits in figures.limits:
        yield _Heading("Printed detection limits, spiked", 3)
        yield _table(
            ("substance", "seen at its limit", "median limit"),
            [
                ("all", limits.detected, ""),
                *((name, found, f"{100 * share:.1f} %") for name, found, share in limits.by_substance),
            ],
        )
    yield from _unknowns(figures)


def _unknowns(figures: Figures) -> Iterator[_Block]:
    for title, refusals in (
        ("Left out of the library, one substance at a time", figures.left_out),
        ("Substances of the case folder that the library does not hold", figures.foreign),
    ):
        if refusals:
            yield _Heading(title, 3)
            yield _table(
                ("disturbance", "substances", "refused", "named", "a part listed", "alarms", "alerts, nothing watched"),
                [(*_first(r), r.refused, r.named, r.listed, r.alarms, r.indications_unwatched) for r in refusals],
            )
            yield _table(
                ("disturbance", "substances", "watched: own family suspected", "watched: another family suspected"),
                [(*_first(r), r.family_right, r.family_wrong) for r in refusals],
            )
    if figures.partly:
        yield _Heading("A known substance and one that the library does not hold", 3)
        yield _table(
            (
                "disturbance",
                "called complete",
                "known part listed",
                "listed components true",
                "alerts, nothing watched",
            ),
            [(p.disturbance, p.complete, p.found, p.true, p.false_alerts) for p in figures.partly],
        )
    yield _Heading("Confidence", 3)
    error = figures.reliability.error
    yield _Text(
        "No component was listed."
        if error is None
        else f"Expected calibration error {error:.3f} over {figures.reliability.components:,} components listed in the"
        " scans above, those of traces and limits left out."
    )
    if figures.reliability.bins:
        yield _table(
            ("confidence stated, mean", "right"), [(f"{mean:.3f}", found) for mean, found in figures.reliability.bins]
        )
    beside = figures.reliability_beside_unknown
    if beside.error is not None:
        yield _Text(f"Beside an unknown part alone: {beside.error:.3f} over {beside.components:,} components.")
        yield _table(("confidence stated, mean", "right"), [(f"{mean:.3f}", found) for mean, found in beside.bins])
    yield _Heading("Look-alikes: what was listed for a substance scanned alone", 3)
    if not figures.confusions:
        yield _Text("No substance was taken for another.")
        return
    yield _table(
        ("scanned", "listed", "times", "the library holds it"),
        [(c.truth, c.named, f"{c.times} in {c.of} scans", "yes" if c.in_library else "no") for c in figures.confusions],
    )


def _first(refusal: Refusal) -> tuple[str, str]:
    return refusal.disturbance, str(refusal.substances)


def _table(header: tuple[str, ...], rows: Sequence[Sequence[object]]) -> _Table:
    return _Table(header, tuple(tuple(str(cell) or "–" for cell in row) for row in rows))
