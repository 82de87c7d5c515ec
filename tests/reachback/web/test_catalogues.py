"""The Spanish catalogue: nothing is missing, nothing is left over, and no value gets lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from reachback.problems import Problem
from reachback.replies.content import ASK_A_CHEMIST, reply_content
from reachback.replies.hazard_cards import CARD_NAMES, card
from reachback.web.languages import catalogue, choose_language, read_catalogue
from reachback.web.sentences import CONTEXT, Sentences
from reachback.web.verdict_words import verdict_words
from reachback.wording import FUSION_WORDS, OUTCOME_MEANINGS, OUTCOME_WORDS, PRESUMPTIVE, SHARE_NOTE
from tests.contracts.made_desk import identified
from tests.reachback.web.facts import facts_of

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
# An officer's pages are in both languages; the desk's are in English.
METHODS = [("templates/officer/**.html", "jinja2"), ("templates/components/**.html", "jinja2")]
METHODS += [("templates/fragments/**.html", "jinja2"), ("templates/*.html", "jinja2"), ("*.py", "python")]
METHODS += [("officer/**.py", "python")]
OPTIONS = {
    pattern: {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"} for pattern, _ in METHODS
}
EXAMPLES = ("ftir_cut_drug", "ftir_pure_drug", "ftir_unknown", "ftir_unusable", "raman_unusable", "raman_pure_material")


def words_of_pages(repository: Path) -> set[str]:
    found = extract_from_dir(repository / "reachback" / "web", method_map=METHODS, options_map=OPTIONS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


@pytest.fixture(scope="module")
def repository() -> Path:
    return Path(__file__).resolve().parents[3]


def first(message_id: str | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def test_every_word_of_the_officers_pages_is_there_and_no_other(repository: Path) -> None:
    wanted = words_of_pages(repository)
    written = {first(each.id) for each in read_catalogue("es") if each.id and each.context is None}
    assert len(wanted) > 100
    assert wanted - written == set(), "add these to reachback/web/catalogues/es.po"
    assert written - wanted == set(), "no page says this any more"


def test_every_translation_keeps_the_values() -> None:
    wrong = []
    for each in read_catalogue("es"):
        said = [each.id] if isinstance(each.id, str) else list(each.id)
        translated = [each.string] if isinstance(each.string, str) else list(each.string)
        names = set(PLACEHOLDER.findall(said[0]))
        if each.id and any(set(PLACEHOLDER.findall(text)) != names or not text for text in translated):
            wrong.append(each.id)
    assert wrong == []


def sentences_of(example: str) -> Iterator[str]:
    elements = identified(f"{example}.jdx")[1]
    content = reply_content(facts_of(elements), lambda _: None)
    words = verdict_words(elements[0])
    yield from (words.words, words.meaning, *words.alarms)
    yield from content["marks"]
    yield from content["not_seen"]
    yield from content["next_steps"]
    yield content["read_by"]["in_words"]
    for spectrum in content["scans"][0]["spectra"]:
        yield from spectrum["watch_list"]
        yield from spectrum["quality"]["advice"]
        if spectrum["unexplained"]:
            yield spectrum["unexplained"]
        yield from (part["class"] for part in spectrum["parts"] if part["class"])
    if not elements[0]["components"]:
        yield words.headline


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_a_verdict_says_is_said_in_spanish(example: str) -> None:
    spanish = Sentences("es")
    said = list(sentences_of(example))
    assert len(said) > 5
    assert [each for each in said if spanish.translated(each) is None] == []
    assert [each for each in said if "{" in str(spanish.translated(each))] == []


@cache
def fixed_sentences() -> list[str]:
    cards = [card(name) for name in CARD_NAMES]
    problems: list[type[Problem]] = [
        Problem,
        *Problem.__subclasses__(),
        *(each for kind in Problem.__subclasses__() for each in kind.__subclasses__()),
    ]
    return [
        *(each["title"] for each in cards),
        *(line["text"] for each in cards for line in each["lines"]),
        *OUTCOME_MEANINGS.values(),
        *(words for _, words in (*OUTCOME_WORDS.values(), *FUSION_WORDS.values())),
        *(kind.title for kind in problems),
        *(PRESUMPTIVE, SHARE_NOTE, ASK_A_CHEMIST),
    ]


def test_what_is_always_said_is_said_in_spanish() -> None:
    spanish = Sentences("es")
    assert [each for each in fixed_sentences() if spanish.translated(each) is None] == []


def test_values_stay_what_they_are() -> None:
    spanish = Sentences("es")
    said = "Fentanyl not seen. This scan cannot see it below about 5 % of the signal; a dangerous dose can lie below."
    assert "5 %" in str(spanish.translated(f"{said} Use a test strip."))
    seen = "fentanyl (fentanyl-related) indicated, about 6 % of the signal, confidence 0.97."
    assert spanish.translated(seen) == (
        "Indicios de fentanyl (fentanyl-related), alrededor del 6 % de la señal, confianza 0.97."
    )
    group = "a substance of the group fentanyl-related indicated, confidence 0.97."
    assert "Indicios de una sustancia del grupo relacionada con el fentanilo, confianza 0.97" in str(
        spanish.translated(group)
    )


def test_what_nobody_has_translated_is_marked_as_english() -> None:
    spanish = Sentences("es")
    assert spanish.as_markup("<b>lactose</b> + caffeine") == (
        '<span lang="en">&lt;b&gt;lactose&lt;/b&gt; + caffeine</span>'
    )
    assert spanish.as_markup("44 %") == "44 %"
    assert Sentences("en").as_markup("<b>") == "&lt;b&gt;"


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, None, "en"),
        (None, "es-MX,es;q=0.9,en;q=0.8", "es"),
        (None, "de, fr;q=0.9", "en"),
        (None, "es;q=0.2, en;q=0.7", "en"),
        ("es", "en", "es"),
        ("xx", "es", "es"),
        (None, ";;q=x,,es;q=1", "es"),
    ],
)
def test_the_language_is_the_chosen_else_the_first_accepted(
    chosen: str | None, accepted: str | None, language: str
) -> None:
    assert choose_language(chosen, accepted) == language


def test_plurals_are_counted() -> None:
    text = catalogue("es").ngettext("%(n)s further spectrum in this file", "%(n)s further spectra in this file", 2)
    assert text % {"n": 2} == "2 espectros más en este archivo"
    assert catalogue("es").pgettext(CONTEXT, "MIXTURE") == "MEZCLA"
