"""Is a substance identified, and does a reference contradict itself? One sentence for each refusal."""

from __future__ import annotations

import re
from typing import Final

from library.model import ManifestRow
from spectra.reference import is_sers
from spectra.spectrum import Technique

__all__ = ["connectivity", "contradiction", "is_cas_number", "is_inchikey", "may_be_passed_on"]

INCHIKEY: Final = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")
CAS: Final = re.compile(r"([0-9]{2,7})-([0-9]{2})-([0-9])")
# Ways of sampling that one of the two techniques does not have.
INFRARED_ONLY: Final = ("ATR", "DRIFT", "KBR", "TRANSMISSION", "TRANSFLECTION")


def is_inchikey(text: str) -> bool:
    """True for text in the shape of an InChIKey: 14, 10 and 1 capital letters."""
    return INCHIKEY.fullmatch(text) is not None


def connectivity(inchikey: str | None) -> str | None:
    """The first block of an InChIKey, equal for all stereoisomers and isotopes of one skeleton; None without one."""
    return inchikey[:14] if inchikey and is_inchikey(inchikey) else None


def is_cas_number(text: str) -> bool:
    """True for text in the shape of a CAS registry number with the right check digit."""
    found = CAS.fullmatch(text)
    if not found:
        return False
    digits = (found[1] + found[2])[::-1]
    return sum(place * int(digit) for place, digit in enumerate(digits, start=1)) % 10 == int(found[3])


def may_be_passed_on(row: ManifestRow) -> bool:
    """Only where the manifest says so; a licence that nobody has read allows nothing."""
    return (row.detail("may_be_passed_on") or "").casefold() == "yes"


def contradiction(row: ManifestRow) -> str | None:
    """Why a row cannot be a reference, in one clause; None where nothing speaks against it."""
    return _unidentified(row) or _wrong_mode(row) or _wrong_details(row)


def _unidentified(row: ManifestRow) -> str | None:
    if row.inchikey and not is_inchikey(row.inchikey):
        return f"'{row.inchikey}' is no InChIKey; correct it or leave the cell empty"
    if row.cas and not is_cas_number(row.cas):
        return f"'{row.cas}' is no CAS number (its check digit or shape is wrong); correct it or leave the cell empty"
    if not (row.inchikey or row.cas or row.detail("identity")):
        return (
            f"{row.substance} has no identity; give an InChIKey or a CAS number, or say in the column identity"
            " by whose naming it is known (a mineral, a polymer, a mixture)"
        )
    return None


def _wrong_mode(row: ManifestRow) -> str | None:
    mode = (row.mode or "").upper()
    if row.technique is Technique.FTIR and is_sers(mode):
        return f"the mode {row.mode} is Raman's and the technique is ftir; correct one of them"
    if row.technique is Technique.RAMAN and any(word in mode for word in INFRARED_ONLY):
        return f"the mode {row.mode} is infrared's and the technique is raman; correct one of them"
    return None


def _wrong_details(row: ManifestRow) -> str | None:
    passed_on = row.detail("may_be_passed_on")
    if passed_on and passed_on.casefold() not in ("yes", "no"):
        return f"may_be_passed_on is {passed_on!r}; write yes, no, or nothing where it is not known"
    for name, unit in (("laser_nm", "nm"), ("resolution", "cm^-1")):
        stated = row.detail(name)
        if stated and not _is_positive(stated):
            return f"{name} is {stated!r}; write a number in {unit}, without the unit"
    return None


def _is_positive(text: str) -> bool:
    try:
        return 0.0 < float(text) < float("inf")
    except ValueError:
        return False
