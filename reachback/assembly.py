"""All services of the desk, put together once: by the web application, the worker, and the commands."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from reachback.accounts.service import AccountService
from reachback.audit.service import AuditService, recorder
from reachback.clock import Chance, Clock, SystemChance, SystemClock
from reachback.db.files import FileStore
from reachback.db.session import Database, connect, sqlite_url
from reachback.settings import Settings

__all__ = ["Services", "build_services", "open_database"]


@dataclass(frozen=True, slots=True)
class Services:
    """Every service there is; routes find them as ``request.app.state.services``."""

    database: Database
    files: FileStore
    audit: AuditService
    accounts: AccountService
    notify: Any
    cases: Any
    intake: Any
    adjudication: Any
    replies: Any


def open_database(settings: Settings, clock: Clock) -> Database:
    """The database that the settings name, with the audit log behind every writing transaction."""
    return connect(settings.database_url or sqlite_url(settings.data_dir), recorder(clock))


def build_services(
    settings: Settings,
    *,
    clock: Clock | None = None,
    chance: Chance | None = None,
    database: Database | None = None,
) -> Services:
    """Put all services together on one database; clock and chance are the machine's unless given."""
    clock, chance = clock or SystemClock(), chance or SystemChance()
    database = database or open_database(settings, clock)
    parts: dict[str, Any] = {
        "settings": settings,
        "clock": clock,
        "chance": chance,
        "database": database,
        "files": FileStore(settings.data_dir / "files"),
    }
    parts["audit"] = AuditService(database, clock, settings)
    parts["accounts"] = AccountService(database, clock, chance, settings)
    for name, where in (
        ("notify", "NotifyService"),
        ("cases", "CaseService"),
        ("intake", "IntakeService"),
        ("adjudication", "AdjudicationService"),
        ("replies", "ReplyService"),
    ):
        parts[name] = _made(name, where, parts)
    return Services(**{field: parts[field] for field in Services.__dataclass_fields__})


def _made(domain: str, class_name: str, parts: dict[str, Any]) -> Any:
    """A service of a domain, given what its constructor asks for by name; None while the domain is not built."""
    try:
        module = import_module(f"reachback.{domain}.service")
    except ModuleNotFoundError:
        return None
    make: Callable[..., Any] = getattr(module, class_name)
    asked = {
        name: parts[name]
        for name, parameter in inspect.signature(make).parameters.items()
        if name in parts or parameter.default is inspect.Parameter.empty
    }
    return make(**asked)
