"""The languages of the pages: which one a reader wants, and its catalogue, compiled when it is first needed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from types import MappingProxyType

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = ["LANGUAGES", "LANGUAGE_COOKIE", "catalogue", "choose_language", "read_catalogue"]

LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "es": "Español"})
DEFAULT = "en"
LANGUAGE_COOKIE = "reachback_language"
_MOST_WANTED = 20  # languages of one header that are looked at


def choose_language(chosen: str | None, accepted: str | None) -> str:
    """The language chosen on the page (cookie); else the first that the browser accepts (``Accept-Language``)."""
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = []
    for part in (accepted or "").split(",")[:_MOST_WANTED]:
        name, _, quality = part.partition(";")
        wanted.append((-_quality(quality), name.strip().lower().partition("-")[0]))
    for _, name in sorted(wanted, key=lambda each: each[0]):
        if name in LANGUAGES:
            return name
    return DEFAULT


def _quality(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=") or 1.0)
    except ValueError:
        return 0.0


@cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of a language; English is what stands in the templates."""
    if language == DEFAULT:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def read_catalogue(language: str):  # type: ignore[no-untyped-def]
    """The catalogue as its translators wrote it, a ``babel.messages.Catalog``."""
    source = files("reachback.web") / "catalogues" / f"{language}.po"
    return read_po(io.BytesIO(source.read_bytes()), locale=language, abort_invalid=True)
