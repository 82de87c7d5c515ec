"""Which pages a role finds in the head of every page, and where it begins."""

from __future__ import annotations

from dataclasses import dataclass

from reachback.accounts.models import Role

__all__ = ["NAVIGATION", "Entry", "entries_for", "home_of"]


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its words in English, its address, and who sees it."""

    words: str
    href: str
    roles: frozenset[Role]


_SENDERS = frozenset({Role.OFFICER, Role.CHEMIST, Role.SUPERVISOR})
_STAFF = frozenset(Role) - {Role.OFFICER, Role.DEVICE}
_OVERSEERS = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN})

NAVIGATION: tuple[Entry, ...] = (
    Entry(_("Overview"), "/overview", _OVERSEERS),  # where those begin who answer for the desk
    Entry(_("Worklist"), "/desk", frozenset({Role.CHEMIST}) | _OVERSEERS),
    Entry(_("References"), "/library/references", frozenset({Role.LIBRARIAN})),  # where a librarian begins
    Entry(_("Review"), "/library/review", frozenset({Role.LIBRARIAN})),
    Entry(_("Releases"), "/library/releases", frozenset({Role.LIBRARIAN})),
    Entry(_("Import"), "/library/imports", frozenset({Role.LIBRARIAN})),
    Entry(_("New scan"), "/scans/new", _SENDERS),
    Entry(_("Our scans"), "/scans", frozenset({Role.OFFICER, Role.DEVICE})),
    Entry(_("All scans"), "/scans", frozenset(Role) - {Role.OFFICER, Role.DEVICE, Role.CHEMIST}),
    Entry(_("References"), "/library/references", _STAFF - {Role.LIBRARIAN}),
    Entry(_("Laboratory results"), "/library/referrals", _STAFF),
    Entry(_("Audit log"), "/audit", _OVERSEERS),
    Entry(_("Accounts"), "/accounts", frozenset({Role.ADMIN})),
)


def entries_for(role: Role) -> list[Entry]:
    """What a role finds, in order."""
    return [entry for entry in NAVIGATION if role in entry.roles]


def home_of(role: Role) -> str:
    """Where a role begins."""
    entries = entries_for(role)
    return entries[0].href if entries else "/scans"
