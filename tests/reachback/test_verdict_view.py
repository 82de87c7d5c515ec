from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from reachback.verdict_view import print_verdict
from reachback.wording import OUTCOME_WORDS
from spectra.spectrum import Provenance
from spectra.verdict import Identification, Outcome
from tests.reachback.verdicts import library, mixture, no_match, unusable


def shown(identification: Identification, width: int = 80, **options: object) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, markup=False, highlight=False, emoji=False, **options)  # type: ignore[arg-type]
    print_verdict(console, identification, library())
    return stream.getvalue()


@pytest.mark.parametrize("made", [mixture(), no_match(), unusable()])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_and_a_pipe_gets_no_colour_codes(made: Identification, width: int) -> None:
    text = shown(made, width)
    assert "\x1b" not in text
    assert max(cell_len(line) for line in text.splitlines()) <= min(width, 110)


def test_alarms_stand_before_indications_and_both_before_the_outcome() -> None:
    text = shown(mixture())
    assert text.index("ALARM") < text.index("INDICATION") < text.index("MIXTURE (tentative)")


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_own_sign_and_words_and_is_presumptive(outcome: Outcome) -> None:
    text = shown(replace(mixture(), outcome=outcome))
    sign, words = OUTCOME_WORDS[outcome]
    assert f"{sign} {words}" in text
    assert "PRESUMPTIVE – not confirmed" in text
    assert len({sign for sign, _ in OUTCOME_WORDS.values()}) == len(Outcome)


def test_it_says_what_a_chemist_asks() -> None:
    text = " ".join(shown(mixture(), 110).split())
    for part in (
        "caffeine (anhydrous)",
        "91 %",
        "89–93 %",
        "0.998",
        "cutting agent",
        "band table",
        "not to be told from: acetylfentanyl",
        "not a weight and not a purity",
        "2 % of the signal; bands at 1380, 1495 cm⁻¹",
        "Two references together explain 98 % of the signal.",
        "Not excluded by this method: metonitazene.",
        "signal to noise 410; fluorescence; stated by user: mode ATR",
        "a chemist should read this scan",
        "hand-made 2026.1 · abababababab",
    ):
        assert part in text, part


def test_of_a_long_path_the_end_is_shown_and_the_technique_beside_it() -> None:
    made = mixture(file="/a/very/long/path" * 10 + "/scan_0815.jdx")
    first = shown(made).splitlines()[0]
    assert "/scan_0815.jdx – FTIR · ATR" in first


def test_names_are_text_and_never_markup_or_terminal_codes() -> None:
    made = mixture()
    part = replace(made.components[0], substance="[red]3-[2-(x)]\x1b[2J", indistinguishable_from=("[/]",))
    scan = replace(made.spectrum, provenance=Provenance(file="[bold]\x1b]0;x\x07.jdx"))
    text = shown(replace(made, spectrum=scan, components=(part,)), 110, force_terminal=True, color_system=None)
    assert "[red]3-[2-(x)]\\x1b[2J" in "".join(text.split())
    assert "[/]" in text
    assert "\x1b" not in text
    assert "\x07" not in text
