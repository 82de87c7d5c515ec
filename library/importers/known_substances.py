"""Known substances, and which of them a source means: by InChIKey, by CAS number, by name and synonym.

What a source says is never overruled: where its words lead to two substances, it keeps its own name and a doubt says
so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from library.identity import is_cas_number
from library.importers.identifiers import name_key, parse_inchikey, split_form
from library.importers.manifest_cells import identity_of_cells
from library.importers.source import Identity, SourceRefused

__all__ = ["Doubt", "KnownSubstances", "Resolved", "read_known"]

_LARGEST_TABLE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something a person has to decide: a kind, what it is about, and the sentence that puts the question."""

    kind: str
    subject: str
    words: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """A substance as the manifest will name it, and the doubts about it.

    ``as_written`` is the source's own name; ``status_said`` whether anybody says if it is controlled.
    """

    identity: Identity
    as_written: str
    status_said: bool
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownSubstances:
    """Substances of a table or a library's manifest, by every word they are known under."""

    entries: tuple[Identity, ...]
    of_name: Mapping[str, tuple[Identity, ...]] = field(init=False)
    by_name: Mapping[str, frozenset[str]] = field(init=False)
    by_cas: Mapping[str, frozenset[str]] = field(init=False)
    by_inchikey: Mapping[str, frozenset[str]] = field(init=False)
    by_skeleton: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        indices: tuple[dict[str, set[str]], ...] = ({}, {}, {}, {})
        for entry in self.entries:
            for word in (entry.name, *entry.synonyms):
                indices[0].setdefault(name_key(word), set()).add(entry.name)
            if entry.cas:
                indices[1].setdefault(entry.cas, set()).add(entry.name)
            key = parse_inchikey(entry.inchikey)
            if key is not None:
                indices[2].setdefault(str(key), set()).add(entry.name)
                indices[3].setdefault(key.connectivity, set()).add(entry.name)
        own: dict[str, list[Identity]] = {}
        for entry in self.entries:
            own.setdefault(entry.name, []).append(entry)
        object.__setattr__(self, "of_name", {name: tuple(entries) for name, entries in own.items()})
        for name, index in zip(("by_name", "by_cas", "by_inchikey", "by_skeleton"), indices, strict=True):
            object.__setattr__(self, name, {word: frozenset(names) for word, names in index.items()})

    def resolve(self, said: Identity) -> Resolved:
        """The substance as known here, where the source's words all lead to it; else as the source names it."""
        said, malformed = _checked(said)
        named, form = self._by_words(said)
        keyed = self.by_inchikey.get(said.inchikey or "", frozenset())
        registered = self.by_cas.get(said.cas or "", frozenset())
        doubts = [*malformed, *self._doubts(said, named, keyed, registered)]
        chosen = _agreed(named, keyed, registered)
        name = chosen or said.name or said.inchikey or said.cas or ""
        if not (said.inchikey or said.cas or said.known_by or chosen):
            words = "it has neither InChIKey nor CAS number; state one, or in the column identity whose naming it is"
            doubts.append(Doubt("no_identity", name, words))
        if not said.name and chosen is None:
            words = "the source gives no name; write one into the column substance, or leave the reference out"
            doubts.append(Doubt("no_name", name, words))
        return self._filled(said, name, form if chosen is not None else None, chosen, doubts)

    def _by_words(self, said: Identity) -> tuple[frozenset[str], str | None]:
        """Names known for the source's name or its synonyms, and the form that its name ends in."""
        whole = self.by_name.get(name_key(said.name), frozenset())
        if whole or not said.name:
            return whole, None
        split = split_form(said.name)
        shorter = self.by_name.get(name_key(split[0]), frozenset()) if split else frozenset()
        if split and shorter:
            return shorter, split[1]
        found = [self.by_name.get(name_key(word), frozenset()) for word in said.synonyms]
        return frozenset().union(*found), None

    def _doubts(
        self, said: Identity, named: frozenset[str], keyed: frozenset[str], registered: frozenset[str]
    ) -> Iterable[Doubt]:
        subject = said.name or said.inchikey or said.cas or ""
        if len(named) > 1:
            yield Doubt("ambiguous_name", subject, f"the name stands for {_listed(named)}: which is meant?")
        if len(keyed) > 1:
            yield Doubt("ambiguous_inchikey", subject, f"{said.inchikey} stands for {_listed(keyed)}: which is meant?")
        if keyed and named and not keyed & named:
            words = f"by its name it is {_listed(named)}, by its InChIKey {said.inchikey} it is {_listed(keyed)}"
            yield Doubt("name_and_inchikey_disagree", subject, words)
        key = parse_inchikey(said.inchikey)
        if key is not None and not keyed and named:
            alike = self.by_skeleton.get(key.connectivity, frozenset()) & named
            known = sorted({e.inchikey for name in named for e in self.of_name[name] if e.inchikey})
            if alike:
                words = f"{said.inchikey} has the skeleton of {_listed(alike)} ({', '.join(known)}), but other stereo"
                yield Doubt("stereo_differs", subject, words)
            elif known:
                words = f"{_listed(named)} is known as {', '.join(known)}, the source says {said.inchikey}"
                yield Doubt("one_name_two_inchikeys", subject, words)
        if registered and (named or keyed) and not registered & (named | keyed):
            words = f"CAS {said.cas} is {_listed(registered)}, by name or InChIKey it is {_listed(named | keyed)}"
            yield Doubt("cas_disagrees", subject, words)

    def _filled(self, said: Identity, name: str, form: str | None, chosen: str | None, doubts: list[Doubt]) -> Resolved:
        """What the source leaves open, from what is known of the substance; what both say differently is a doubt."""
        known = self.of_name.get(chosen or "", ())
        of_cas = {entry.form for entry in known if said.cas and entry.cas == said.cas and entry.form}
        form = said.form or form or (of_cas.pop() if len(of_cas) == 1 else None)
        same_form = next((entry for entry in known if entry.form == form), None)
        controlled = _any_of(entry.controlled for entry in known)
        watch = _any_of(entry.watch for entry in known)
        if None not in (said.controlled, controlled) and said.controlled is not controlled:
            words = f"the source says controlled: {_yes_no(said.controlled)}, known is {_yes_no(controlled)}"
            doubts.append(Doubt("status_differs", name, words))
        merged = replace(
            said,
            name=name,
            form=form,
            cas=said.cas or (same_form.cas if same_form else None),
            inchikey=said.inchikey or (same_form.inchikey if same_form else None),
            # The known class comes first: alerts and second readings go by its words.
            substance_class=next((e.substance_class for e in known if e.substance_class), said.substance_class),
            controlled=_any_of((said.controlled, controlled)),
            watch=_any_of((said.watch, watch)),
            schedules=said.schedules or next((e.schedules for e in known if e.schedules), ""),
        )
        return Resolved(merged, said.name, merged.controlled is not None, tuple(doubts))


def read_known(path: Path) -> tuple[Identity, ...]:
    """Substances of a CSV with the manifest's columns (at least ``substance``) and optionally ``synonyms``.

    Raises
    ------
    SourceRefused
        It cannot be read.
    """
    try:
        if path.stat().st_size > _LARGEST_TABLE:
            raise SourceRefused(f"{path} has more than {_LARGEST_TABLE // 2**20} MiB; a table of substances is smaller")
        table = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
        table.fieldnames = [name.strip().casefold() for name in table.fieldnames or ()]
        if "substance" not in table.fieldnames:
            raise SourceRefused(f"{path} lacks the column substance in its first line")
        rows = ({key: value.strip() for key, value in row.items() if key and isinstance(value, str)} for row in table)
        found = [identity_of_cells(row) for row in rows]
    except OSError as error:
        raise SourceRefused(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise SourceRefused(f"{path} is no table of substances: {error}") from None
    return tuple(dict.fromkeys(entry for entry in found if entry.name))


def _checked(said: Identity) -> tuple[Identity, list[Doubt]]:
    """Identifiers in one spelling; what is none is set aside, with a doubt."""
    doubts, subject = [], said.name or said.inchikey or said.cas or ""
    key, cas = parse_inchikey(said.inchikey), (said.cas or "").strip()
    if said.inchikey and key is None:
        words = f"{said.inchikey!r} is no InChIKey; it was left away"
        doubts.append(Doubt("malformed_inchikey", subject, words))
    if cas and not is_cas_number(cas):
        words = f"{cas!r} is no CAS number (its check digit is wrong, or its form); it was left away"
        doubts.append(Doubt("malformed_cas", subject, words))
        cas = ""
    return replace(said, inchikey=str(key) if key else None, cas=cas or None), doubts


def _agreed(*answers: frozenset[str]) -> str | None:
    """The one substance that every word which is known leads to."""
    known = [names for names in answers if names]
    common = frozenset.intersection(*known) if known else frozenset()
    return next(iter(common)) if len(common) == 1 else None


def _any_of(answers: Iterable[bool | None]) -> bool | None:
    said = [answer for answer in answers if answer is not None]
    return any(said) if said else None


def _listed(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))


def _yes_no(answer: bool | None) -> str:
    return "yes" if answer else "no"
