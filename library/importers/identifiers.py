"""Names, InChIKeys, CAS numbers and forms: what two spellings have to share to mean one substance."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["InchiKey", "name_key", "parse_inchikey", "plain_text", "split_form"]

_INCHIKEY = re.compile(r"([A-Z]{14})-([A-Z]{8}[SN][A-Z])-([A-Z])")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("‘’′`", "'"))
_GREEK: Mapping[str, str] = MappingProxyType(
    {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ω": "omega"}
)
# How names write a salt, a base or a hydrate behind the substance; only used where the rest is a known substance, so
# that "sodium chloride" stays what it is.
_FORMS: Mapping[str, str] = MappingProxyType(
    {
        "hydrochloride": "hydrochloride",
        "hcl": "hydrochloride",
        "hydrogen chloride": "hydrochloride",
        "dihydrochloride": "dihydrochloride",
        "hydrobromide": "hydrobromide",
        "hbr": "hydrobromide",
        "sulfate": "sulfate",
        "sulphate": "sulfate",
        "hemisulfate": "hemisulfate",
        "citrate": "citrate",
        "phosphate": "phosphate",
        "tartrate": "tartrate",
        "maleate": "maleate",
        "fumarate": "fumarate",
        "oxalate": "oxalate",
        "mesylate": "mesylate",
        "sodium salt": "sodium salt",
        "base": "base",
        "free base": "base",
        "freebase": "base",
        "free acid": "free acid",
        "anhydrous": "anhydrous",
        "hemihydrate": "hemihydrate",
        "monohydrate": "monohydrate",
        "dihydrate": "dihydrate",
        "trihydrate": "trihydrate",
    }
)
_ENDS_IN_FORM = re.compile(
    rf"(?P<name>\S.*?)(?:,\s*|\s+)\(?(?P<form>{'|'.join(sorted(_FORMS, key=len, reverse=True))})\)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class InchiKey:
    """An InChIKey in its parts: the skeleton's connectivity, stereo and isotopes, protonation."""

    connectivity: str
    stereo: str
    protonation: str

    def __str__(self) -> str:
        return f"{self.connectivity}-{self.stereo}-{self.protonation}"


def parse_inchikey(text: str | None) -> InchiKey | None:
    """The key in its parts; None where it is none."""
    found = _INCHIKEY.fullmatch((text or "").strip().upper().removeprefix("INCHIKEY="))
    return InchiKey(*found.groups()) if found else None


def name_key(name: str) -> str:
    """One spelling of a name: case, accents of typography, dashes and Greek letters do not count."""
    text = unicodedata.normalize("NFKC", name).casefold().translate(_DASHES)
    for letter, word in _GREEK.items():
        text = text.replace(letter, word)
    return re.sub(r"\s*-\s*", "-", " ".join(text.split()))


def split_form(name: str) -> tuple[str, str] | None:
    """Name and form of ``cocaine HCl`` or ``cocaine (hydrochloride)``; None where the name ends in no form."""
    found = _ENDS_IN_FORM.fullmatch(" ".join(name.split()))
    return (found["name"], _FORMS[found["form"].casefold()]) if found else None


def plain_text(text: str | None, longest: int = 500) -> str:
    """One line of what a foreign file says, without controls, and without what a spreadsheet would run as a formula."""
    line = " ".join((text or "").split())
    return "".join(letter for letter in line if letter.isprintable()).lstrip("=@ ")[:longest].strip()
