"""Sentences that the service has made – of a verdict, an answer, a refusal – in the reader's language.

They are made in English, in one place each, and some are stored so. Their translations stand in the catalogue under the
context ``sentence``, with names in braces where a sentence holds a value: ``"{what} not seen."``. What the catalogue
does not know is shown as it was said, and marked as English, so that a screen reader reads it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from markupsafe import Markup, escape

from reachback.web.languages import DEFAULT, read_catalogue

__all__ = ["CONTEXT", "Sentences"]

CONTEXT = "sentence"
_NAME = re.compile(r"\{(\w+)\}")
# A value is looked up too, where its name says that it is words of ours: "{words_cause}".
_LOOKED_UP = "words_"


class Sentences:
    """Translates sentences into one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def translated(self, sentence: str) -> str | None:
        """The sentence in the language; None where the catalogue has none that fits."""
        if self.language == DEFAULT:
            return sentence
        whole, patterns = _known(self.language)
        if sentence in whole:
            return whole[sentence]
        for pattern, translation in patterns:
            found = pattern.fullmatch(sentence)
            if found is not None:
                return translation.format(**{name: self._value(name, text) for name, text in found.groupdict().items()})
        return None

    def _value(self, name: str, text: str) -> str:
        return (self.translated(text) or text) if name.startswith(_LOOKED_UP) else text

    def as_markup(self, sentence: str) -> Markup:
        """The sentence for a page; numbers alone are of no language."""
        found = self.translated(sentence) if any(map(str.isalpha, sentence)) else sentence
        return Markup('<span lang="en">{}</span>').format(sentence) if found is None else escape(found)


@cache
def _known(language: str) -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    whole, patterns = {}, []
    for said, translation in sorted(_sentences(language), key=lambda each: -len(_NAME.sub("", each[0]))):
        if _NAME.search(said):
            patterns.append((_as_pattern(said), translation))
        else:
            whole[said] = translation
    return whole, patterns


def _sentences(language: str) -> Iterator[tuple[str, str]]:
    for message in read_catalogue(language):
        if message.context == CONTEXT and message.string:
            yield str(message.id), str(message.string)


def _as_pattern(said: str) -> re.Pattern[str]:
    """The sentence with its longest fixed words first in line; a value is whatever stands between them."""
    parts, end = [], 0
    for name in _NAME.finditer(said):
        parts += [re.escape(said[end : name.start()]), f"(?P<{name[1]}>.+?)"]
        end = name.end()
    return re.compile("".join([*parts, re.escape(said[end:])]), re.DOTALL)
