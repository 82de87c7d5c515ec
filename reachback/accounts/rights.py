"""Who is asking, and what a route demands: deny unless stated."""

from __future__ import annotations

from dataclasses import dataclass

from reachback.accounts.models import Role

__all__ = ["Principal"]


@dataclass(frozen=True, slots=True)
class Principal:
    """The account behind a request."""

    account_id: str
    name: str
    role: Role
    unit: str

    @property
    def sees_all_units(self) -> bool:
        """Officers and devices see their own unit's scans and cases only."""
        return self.role not in (Role.OFFICER, Role.DEVICE)
