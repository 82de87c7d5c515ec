"""Roles in words, and what each is for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reachback.accounts.models import Role

__all__ = ["ROLE_WORDS"]


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


# Role → its word, and what it is for.
ROLE_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Role.OFFICER: (_("Officer"), _("sends scans, reads the answers of his unit")),
        Role.CHEMIST: (_("Chemist"), _("reads cases")),
        Role.LIBRARIAN: (_("Laboratory"), _("keeps the library, enters results")),
        Role.SUPERVISOR: (_("Supervisor"), _("sees the whole desk and its figures")),
        Role.AUDITOR: (_("Auditor"), _("sees everything, changes nothing")),
        Role.ADMIN: (_("Administrator"), _("accounts and tokens")),
        Role.DEVICE: (_("Device"), _("sends scans by a token")),
    }
)
