"""A verdict for a person at a terminal: outcome first, alerts before details, good at 80 columns and in a pipe."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from library.model import OpenLibrary
from reachback import __version__
from reachback.wording import (
    OUTCOME_WORDS,
    PRESUMPTIVE,
    SHARE_NOTE,
    alert_sentence,
    background_sentence,
    component_name,
    grade_words,
    headline,
    percent,
    printable,
    substance_classes,
    target_sentences,
    technique_name,
    unexplained_sentence,
)
from spectra.verdict import AlertLevel, Component, Identification, Outcome

__all__ = ["print_verdict", "verdict_line", "verdict_panel"]

STYLES = {
    Outcome.MATCH: "bold cyan",
    Outcome.MIXTURE: "bold cyan",
    Outcome.CLASS: "bold yellow",
    Outcome.INCONCLUSIVE: "bold yellow",
    Outcome.NO_MATCH: "bold white",
    Outcome.UNUSABLE: "bold magenta",
}
MAX_WIDTH = 110
MAX_CANDIDATES = 3
HAZARD = "Handle with care: no skin contact, no dust, and as your unit's procedure says."


def print_verdict(console: Console, identification: Identification, library: OpenLibrary) -> None:
    """Write one verdict, no wider than is good to read."""
    width = min(console.width, MAX_WIDTH)
    console.print(verdict_panel(identification, library, width), width=width)


def verdict_line(identification: Identification) -> Text:
    """One verdict in a line: outcome, what was found, and alerts by their number."""
    sign, words = OUTCOME_WORDS[identification.outcome]
    tentative = " (tentative)" if identification.tentative else ""
    alerts = f"; {len(identification.alerts)} alert(s)" if identification.alerts else ""
    return Text.assemble(
        (f"{sign} {words}{tentative}", STYLES[identification.outcome]), f"  {headline(identification)}{alerts}"
    )


def verdict_panel(identification: Identification, library: OpenLibrary, width: int) -> Panel:
    """One verdict as a panel of so many columns; of a long path the end is shown."""
    spectrum = identification.spectrum
    what = " · ".join(
        [technique_name(spectrum.technique)]
        + ([printable(spectrum.mode)] if spectrum.mode else [])
        + ([f"{spectrum.laser_nm:g} nm"] if spectrum.laser_nm else [])
    )
    index = f" [{spectrum.provenance.index}]" if spectrum.provenance.index else ""
    file = printable(spectrum.provenance.file)
    room = max(12, width - cell_len(f"╭─  {index} – {what}  ─╮"))
    file = file if cell_len(file) <= room else f"…{file[len(file) - room + 1 :]}"
    return Panel(
        Group(*_parts(identification, library)),
        title=Text(f" {file}{index} – {what} ", style="bold", overflow="ellipsis"),
        title_align="left",
        subtitle=Text(f" {_origin(identification, library)} ", style="dim", overflow="ellipsis"),
        subtitle_align="left",
        box=box.ROUNDED,
        padding=(0, 1),
    )


def _parts(identification: Identification, library: OpenLibrary) -> Iterator[RenderableType]:
    yield from _alerts(identification)
    sign, words = OUTCOME_WORDS[identification.outcome]
    tentative = " (tentative)" if identification.tentative else ""
    style = STYLES[identification.outcome]
    yield Text(f"{sign} {words}{tentative}", style=style)
    yield Text(headline(identification), style="bold")
    yield Text(PRESUMPTIVE, style="italic")
    if identification.components:
        yield Padding(_components(identification.components), (1, 0, 0, 0))
        yield Text(SHARE_NOTE, style="dim")
    yield Text("")
    yield _facts(identification, library)


def _alerts(identification: Identification) -> Iterator[RenderableType]:
    """Alarms first: whoever reads only the first line must read this one."""
    ordered = sorted(identification.alerts, key=lambda alert: alert.level is not AlertLevel.ALARM)
    for alert in ordered:
        alarm = alert.level is AlertLevel.ALARM
        label = "! ALARM" if alarm else "! INDICATION"
        yield Text.assemble((f"{label} ", "bold red" if alarm else "bold yellow"), alert_sentence(alert))
    if ordered:
        yield Text(HAZARD)
        yield Text("")


def _components(components: tuple[Component, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True, show_edge=False)
    table.add_column("Found", ratio=4, overflow="fold")
    table.add_column("Share", justify="right", no_wrap=True)
    table.add_column("Conf.", justify="right", no_wrap=True)
    table.add_column("Class, reference", ratio=3, overflow="fold")
    table.add_column("Controlled", no_wrap=True)
    for part in components:
        name = Text(component_name(part), style="bold")
        if part.indistinguishable_from:
            alike = printable(", ".join(part.indistinguishable_from))
            name.append(f"\nnot to be told from: {alike}", style="not bold")
        low, high = part.share_interval
        table.add_row(
            name,
            f"{percent(part.share)}\n{100 * low:.0f}–{100 * high:.0f} %",
            f"{part.confidence:.3f}",
            f"{printable(part.substance_class or 'no class')}\n{grade_words(part.grade)}",
            Text("YES", style="bold") if part.controlled else "no",
        )
    return table


def _facts(identification: Identification, library: OpenLibrary) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(ratio=1, overflow="fold")
    references = library.sets[identification.spectrum.technique]
    for name, sentences in (
        ("Unexplained", [unexplained_sentence(identification)]),
        ("Set aside", [background_sentence(identification.background)]),
        ("Why", list(identification.reasons)),
        ("Nearest", [_nearest(identification)]),
        ("Watch list", target_sentences(identification, substance_classes(references))),
        ("Scan", [_quality(identification)]),
        ("Advice", [advice for advice in identification.quality.advice if advice not in identification.reasons]),
        ("Reach-back", ["yes – a chemist should read this scan" if identification.reach_back else "not needed"]),
    ):
        told = [printable(sentence) for sentence in sentences if sentence]
        if told:
            facts.add_row(name, "\n".join(told))
    return facts


def _nearest(identification: Identification) -> str | None:
    """The hit list is of use where nothing was named; it is never a finding."""
    if identification.outcome in (Outcome.MATCH, Outcome.MIXTURE) or not identification.candidates:
        return None
    hits = ", ".join(f"{hit.substance} {hit.score:.2f}" for hit in identification.candidates[:MAX_CANDIDATES])
    return f"{hits} (similarity alone, not a finding)"


def _quality(identification: Identification) -> str:
    quality = identification.quality
    snr = "signal to noise unknown" if quality.snr is None else f"signal to noise {quality.snr:,.0f}"
    flags = f"; {', '.join(flag.replace('_', ' ') for flag in quality.flags)}" if quality.flags else ""
    stated = ", ".join(f"{what} {value}" for what, value in identification.spectrum.provenance.stated)
    return f"{snr}{flags}" + (f"; stated by user: {stated}" if stated else "")


def _origin(identification: Identification, library: OpenLibrary) -> str:
    return (
        f"{printable(library.name)} {printable(library.release)} · {library.digest[:12]}"
        f" · engine {__version__} · {identification.timing_ms:.0f} ms"
    )
