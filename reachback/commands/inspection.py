"""``reachback inspect``: what is in the files as written; no matching, no conversion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reachback.commands.exit_codes import ExitCode
from reachback.commands.options import FilesArgument, JsonOption
from reachback.commands.terminal import complain, results_console, write_result

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["inspect_files"]

SCHEMA = "reachback.inspection/1"
MAX_VALUE_LENGTH = 60


def inspect_files(files: FilesArgument, as_json: JsonOption = False) -> int:
    """Show what files hold, as written: spectra, axis, units, metadata, warnings. Nothing is matched or converted."""
    found = [_inspected(file) for file in files]
    for file in found:
        if file["error"]:
            complain(f"{file['file']}: {file['error']}")
    if as_json:
        from reachback.strict_json import dump_strictly

        write_result(dump_strictly({"schema": SCHEMA, "files": found}))
    else:
        console = results_console()
        for file in found:
            if not file["error"]:
                _print_file(console, file)
    return ExitCode.INPUT_FAILED if any(file["error"] for file in found) else ExitCode.DONE


def _inspected(file: str) -> dict[str, Any]:
    from pathlib import Path

    from device_adapters.inspection import inspect_path
    from reachback.last_resort import Mishap, attempt

    entry = attempt(lambda: inspect_path(Path(file)))
    if isinstance(entry, Mishap):
        return {"file": file, "format": None, "error": entry.sentence, "warnings": [], "spectra": []}
    return {**entry, "file": file}


def _print_file(console: Console, file: dict[str, Any]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from reachback.wording import printable

    console.print(Text(f"{printable(file['file'])} – {file['format']}", style="bold"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("#", "Technique", "Points", "Axis", "Ordinate"):
        table.add_column(name, justify="right" if name in ("#", "Points") else "left")
    for number, spectrum in enumerate(file["spectra"]):
        table.add_row(
            str(number),
            spectrum["technique"],
            f"{spectrum['n_points']:,}",
            f"{_number(spectrum['x_min'])} to {_number(spectrum['x_max'])} {spectrum['x_units']}",
            printable(f"{_number(spectrum['y_min'])} to {_number(spectrum['y_max'])} {spectrum['y_units']}"),
        )
    console.print(table)
    for number, spectrum in enumerate(file["spectra"]):
        for key, value in sorted(spectrum["metadata"].items()):
            text = printable(" ".join(str(value).split()))
            short = text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 1]}…"
            console.print(Text(f"  [{number}] {key}: {short}"))
    for warning in file["warnings"]:
        console.print(Text(f"  Warning: {printable(warning)}", style="yellow"))


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"
