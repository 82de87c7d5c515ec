"""The report of a checked library as a file: JSON for scripts, HTML with pictures for people."""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path

from library.checking import LibraryCheck
from library.qc.findings import Finding, Level
from reachback.library_report.report_json import check_as_json
from reachback.report_files import write_report_file
from reachback.strict_json import dump_strictly
from reachback.wording import technique_name

__all__ = ["LEVEL_WORDS", "REPORT_SUFFIXES", "write_check"]

REPORT_SUFFIXES = (".json", ".html")
MAX_LISTED = 500  # findings of one level in the HTML; the JSON has all
LEVEL_WORDS = {
    Level.FAILURE: "Failures: not fit to be a reference until somebody decides otherwise",
    Level.CONFLICT: "Conflicts: a release waits until these are settled",
    Level.WARNING: "Warnings: for the reviewer's eyes",
    Level.NOTE: "Notes: what a user of the library should know",
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #111; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ border-bottom: 1px solid #ccc; padding: .3rem .5rem; text-align: left; vertical-align: top; }}
code {{ font-size: 12px; overflow-wrap: anywhere; }}
figure {{ margin: 1.5rem 0; }} figure svg {{ max-width: 100%; height: auto; }}
.failed {{ color: #a00028; }} .passed {{ color: #0a5f38; }}
</style></head><body>
{body}
</body></html>
"""


def write_check(check: LibraryCheck, path: Path) -> None:
    """Write the report.

    Raises
    ------
    ReportRefused
        The place cannot be written.
    """
    html = path.suffix.casefold() == ".html"
    text = _page(check) if html else dump_strictly(check_as_json(check)) + "\n"
    write_report_file(path, text)


def _page(check: LibraryCheck) -> str:
    verdict = "passed" if check.has_passed else "failed"
    waiting = len(check.checked.blocking)
    words = f"{waiting:,} finding{'s wait' if waiting > 1 else ' waits'} for a decision." if waiting else ""
    counts = ", ".join(f"{count:,} {technique_name(each)}" for each, count in check.counts.items()) or "none"
    parts = [
        f"<h1>Check of {escape(check.name)}</h1>",
        f'<p class="{verdict}"><strong>Check {verdict}.</strong> {words}</p>',
        f"<p>References: {counts}." + (f" Digest <code>{check.digest}</code>." if check.digest else "") + "</p>",
        *(f"<p>{escape(_sentence(remark))}</p>" for remark in check.remarks),
        *_calls(check),
        *_missing(check),
    ]
    for level, heading in LEVEL_WORDS.items():
        parts += _table(heading, [each for each in check.checked.findings if each.level is level])
    parts += _pictures(check)
    return PAGE.format(title=escape(f"Check of {check.name}"), body="\n".join(parts))


def _calls(check: LibraryCheck) -> list[str]:
    return [
        f"<p>{technique_name(technique)}, leave-one-out: of {found.calls.asked:,} references that have a second one of"
        f" their substance and form, the rest of the library calls {found.calls.right:,} by their own name."
        + (f" {found.not_asked:,} further pairs alike were too many to be looked at." if found.not_asked else "")
        + "</p>"
        for technique, found in check.checked.techniques.items()
    ]


def _missing(check: LibraryCheck) -> list[str]:
    return [
        f"<p>On the watch list without any {technique_name(technique)} reference ({len(missing):,}): "
        + escape(", ".join(each.name for each in missing))
        + ".</p>"
        for technique, missing in check.missing.items()
        if missing
    ]


def _table(heading: str, findings: list[Finding]) -> list[str]:
    if not findings:
        return []
    counts = ", ".join(f"{check} {count:,}" for check, count in Counter(each.check for each in findings).items())
    rows = [
        f"<tr><td>{escape(each.check)}</td><td>{escape(each.words)}</td><td><code>{escape(each.key)}</code></td></tr>"
        for each in findings[:MAX_LISTED]
    ]
    more = len(findings) - MAX_LISTED
    rest = [f"<p>And {more:,} more, which the JSON report lists.</p>"] if more > 0 else []
    head = "<tr><th>check</th><th>what</th><th>key</th></tr>"
    return [f"<h2>{escape(heading)}</h2>", f"<p>{counts}</p>", f"<table>{head}{''.join(rows)}</table>", *rest]


def _pictures(check: LibraryCheck) -> list[str]:
    from reachback.library_report.drawing import draw_check  # draws, which JSON need not load

    drawn = draw_check(check)
    figures = [
        f"<figure><figcaption>{escape(_sentence(words))}</figcaption>{svg[svg.index('<svg') :]}</figure>"
        for words, svg in drawn
    ]
    return ["<h2>Pictures</h2>", *figures] if figures else []


def _sentence(words: str) -> str:
    """With its full stop; no capital, as it may begin with the name of a file."""
    return words + ("" if words.endswith(".") else ".")
