"""What a laboratory states of a file that is to be a reference: checked field by field, one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from device_adapters.stated import Stated
from library.identity import is_cas_number
from library.importers.identifiers import parse_inchikey
from library.importers.source import Identity
from library.model import ManifestRow
from reachback.problems import Unprocessable
from spectra.reference import ReferenceEntry
from spectra.spectrum import Ordinate, Technique

__all__ = ["DETAILS", "FIELDS", "StatedReference", "field_problem", "stated_reference"]

# What the laboratory wrote down of the measurement, by the names of the manifest.
DETAILS = ("instrument", "laser_nm", "resolution", "lot", "purity", "operator", "measured_at", "may_be_passed_on")
FIELDS = (
    *("substance", "form", "cas", "inchikey", "identity", "class", "controlled", "watch", "schedules"),
    *("technique", "mode", "y_units", "recording", "source", "licence", "provenance"),
    *DETAILS,
)
_LONGEST = 500
NO_IDENTITY = (
    "the library knows no identity of it in this form; give an InChIKey, a CAS number, or by whose naming it is known"
)
Look = Callable[[str, str | None], ManifestRow | ReferenceEntry | None]


@dataclass(frozen=True, slots=True)
class StatedReference:
    """Identity, what the file does not say itself, further columns, and which spectrum of the file (from 1)."""

    identity: Identity
    stated: Stated
    details: Mapping[str, str]
    recording: int | None


def field_problem(name: str, sentence: str) -> Unprocessable:
    """A refusal that says which field it is about."""
    return Unprocessable(f"{name}: {sentence}", fields={name: sentence})


def stated_reference(fields: Mapping[str, str], look: Look) -> StatedReference:
    """The statements; Unprocessable with all that is wrong, by field, in ``fields``.

    ``look`` gives what the library knows of a substance in a form; it fills in what was left empty.
    """
    said = {name: " ".join(str(fields.get(name) or "").split()) for name in FIELDS}
    known = look(said["substance"], said["form"] or None) if said["substance"] else None
    wrong = {name: sentence for name, sentence in _wrong(said, known) if sentence}
    if wrong:
        name, sentence = next(iter(wrong.items()))
        raise Unprocessable(f"{name}: {sentence}", fields=wrong)
    return StatedReference(
        identity=_identity(said, known),
        stated=Stated(
            technique=said["technique"] or None,
            mode=said["mode"] or None,
            laser_nm=float(said["laser_nm"]) if said["laser_nm"] else None,
            y_units=said["y_units"] or None,
        ),
        details={name: said[name] for name in (*DETAILS, "provenance") if said[name]},
        recording=int(said["recording"]) if said["recording"] else None,
    )


def _wrong(said: Mapping[str, str], known: ManifestRow | ReferenceEntry | None) -> list[tuple[str, str | None]]:
    checks: list[tuple[str, str | None]] = [
        (name, f"is longer than {_LONGEST} characters; shorten it" if len(text) > _LONGEST else None)
        for name, text in said.items()
    ]
    checks += [(name, "holds characters that cannot be shown") for name, text in said.items() if not text.isprintable()]
    is_identified = said["inchikey"] or said["cas"] or said["identity"]
    is_known = known is not None and (known.inchikey or known.cas)
    return [
        *((name, sentence) for name, sentence in checks if sentence),
        ("substance", None if said["substance"] else "say which substance it is"),
        ("inchikey", None if not said["inchikey"] or parse_inchikey(said["inchikey"]) else "this is no InChIKey"),
        ("cas", None if not said["cas"] or is_cas_number(said["cas"]) else "this is no CAS number: look at its digits"),
        ("inchikey", None if is_identified or is_known or not said["substance"] else NO_IDENTITY),
        ("controlled", _yes_or_no(said["controlled"], known is not None)),
        ("watch", _yes_or_no(said["watch"], True)),
        ("schedules", _schedules(said["schedules"])),
        ("technique", _one_of(said["technique"], [str(each) for each in Technique])),
        ("y_units", _one_of(said["y_units"], [str(each) for each in Ordinate])),
        ("laser_nm", _between(said["laser_nm"], 100.0, 3000.0, "nm")),
        ("resolution", _between(said["resolution"], 0.0, 1000.0, "cm⁻¹")),
        ("recording", _counts(said["recording"])),
        ("may_be_passed_on", _yes_or_no(said["may_be_passed_on"], True)),
        ("source", None if said["source"] else "say where the spectrum comes from"),
        ("licence", None if said["licence"] else "say under which licence it may be used, or: our own"),
    ]


def _identity(said: Mapping[str, str], known: ManifestRow | ReferenceEntry | None) -> Identity:
    is_identified = said["inchikey"] or said["cas"] or said["identity"]
    key = parse_inchikey(said["inchikey"])
    from_library = known if known is not None and not is_identified else None
    controlled = said["controlled"] == "yes" if said["controlled"] or known is None else known.controlled
    watch = said["watch"] == "yes" if said["watch"] else (None if known is None else known.watch)
    schedules = said["schedules"]
    if not schedules and known is not None:
        schedules = ";".join(f"{place}:{schedule}" for place, schedule in known.schedules)
    return Identity(
        name=said["substance"] if known is None else known.substance,
        form=said["form"] or None,
        cas=said["cas"] or (from_library.cas if from_library else None),
        inchikey=str(key) if key else (from_library.inchikey if from_library else None),
        known_by=said["identity"] or None,
        substance_class=said["class"] or (known.substance_class if known else None),
        controlled=controlled,
        watch=watch,
        schedules=schedules,
        source=said["source"],
        licence=said["licence"],
    )


def _yes_or_no(text: str, may_be_empty: bool) -> str | None:
    if text in ("yes", "no") or (not text and may_be_empty):
        return None
    return "choose yes or no" if text else "the library does not know the substance in this form; choose yes or no"


def _one_of(text: str, words: list[str]) -> str | None:
    return None if not text or text in words else f"choose one of {', '.join(words)}"


def _between(text: str, low: float, high: float, unit: str) -> str | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return f"write a number in {unit}, with a point and without the unit"
    return None if low < number < high else f"this lies between {low:g} and {high:g} {unit}"


def _counts(text: str) -> str | None:
    is_number = text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) > 0
    return None if not text or is_number else "write which spectrum of the file it is, counted from 1"


def _schedules(text: str) -> str | None:
    pairs = [part.partition(":") for part in text.split(";") if part.strip()]
    is_whole = all(colon and place.strip() and schedule.strip() for place, colon, schedule in pairs)
    return None if is_whole else "write pairs of place and schedule, as US:II;UK:A"
