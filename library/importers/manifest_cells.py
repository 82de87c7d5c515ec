"""Which substance a row of a table in the manifest's words says it is; empty cells say nothing."""

from __future__ import annotations

from collections.abc import Mapping

from library.importers.identifiers import plain_text
from library.importers.source import Identity

__all__ = ["identity_of_cells"]

_ANSWERS = {"yes": True, "no": False, "": None}


def identity_of_cells(said: Mapping[str, str]) -> Identity:
    """The identity that the cells state.

    Raises
    ------
    ValueError
        ``controlled`` or ``watch`` is neither yes nor no nor empty.
    """
    return Identity(
        name=plain_text(said.get("substance")),
        form=plain_text(said.get("form")) or None,
        cas=plain_text(said.get("cas")) or None,
        inchikey=plain_text(said.get("inchikey")) or None,
        known_by=plain_text(said.get("identity")) or None,
        synonyms=tuple(filter(None, (plain_text(name, 120) for name in said.get("synonyms", "").split(";")))),
        substance_class=plain_text(said.get("class")) or None,
        controlled=_answer("controlled", said),
        watch=_answer("watch", said),
        schedules=plain_text(said.get("schedules")),
        source=plain_text(said.get("source")),
        licence=plain_text(said.get("licence")),
    )


def _answer(column: str, said: Mapping[str, str]) -> bool | None:
    text = said.get(column, "").strip().casefold()
    if text not in _ANSWERS:
        raise ValueError(f"{column} is {text!r}; write yes or no, or leave it empty")
    return _ANSWERS[text]
