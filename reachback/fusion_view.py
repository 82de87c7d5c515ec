"""What scans and strips of one exhibit say together, for a person at a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from reachback.verdict_view import HAZARD
from reachback.wording import FUSION_WORDS, printable
from spectra.fusion import Fusion

__all__ = ["print_fusion"]

MAX_WIDTH = 110


def print_fusion(console: Console, fusion: Fusion) -> None:
    """Write the statement first, then every reason and its source."""
    sign, words = FUSION_WORDS[fusion.level]
    parts: list[RenderableType] = [
        *([Text(HAZARD), Text("")] if fusion.alerts else []),
        Text(f"{sign} {words}", style="bold"),
        Text(printable(fusion.statement), style="bold"),
        Text(""),
        _facts(fusion),
    ]
    title = Text(" the exhibit as a whole ", style="bold")
    width = min(console.width, MAX_WIDTH)
    console.print(Panel(Group(*parts), title=title, title_align="left", box=box.ROUNDED, padding=(0, 1)), width=width)


def _facts(fusion: Fusion) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(ratio=1, overflow="fold")
    sources = [f"{source.name}: {source.title}, doi {source.doi}" for source in fusion.sources]
    reach_back = "yes – a chemist should read this exhibit" if fusion.reach_back else "not needed"
    for name, sentences in (("Why", list(fusion.reasons)), ("Sources", sources), ("Reach-back", [reach_back])):
        if sentences:
            facts.add_row(name, "\n".join(printable(sentence) for sentence in sentences))
    return facts
