"""Structured logs: one JSON object a line on standard error, for our own words and for those of the libraries below us.

Nothing secret is written: values under the names of secrets are struck out, and so is what looks like a bearer token.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

__all__ = ["SECRET_NAMES", "log_in_structure", "log_to_stderr", "strike_out_secrets"]

SECRET_NAMES = frozenset(
    {
        *("authorization", "code", "cookie", "database_url", "lease_token", "password", "secret", "set_cookie"),
        *("token", "totp_secret", "webhook_secret", "channels", "reachback_session"),
    }
)
_STRUCK_OUT = "…"
_SECRET_TEXT = re.compile(r"(?i)(bearer\s+|reachback_session=|://[^/\s:@]*:)([^\s\"',;@]+)")


def strike_out_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event without anything that lets somebody in."""
    for name, value in event.items():
        if name.lower() in SECRET_NAMES:
            event[name] = _STRUCK_OUT
        elif isinstance(value, str):
            event[name] = _SECRET_TEXT.sub(rf"\1{_STRUCK_OUT}", value)
    return event


_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    strike_out_secrets,
]


def log_in_structure() -> None:
    """Hand our own log events to the logging of the standard library, wherever that sends them."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send every log of this process to standard error as JSON lines."""
    log_in_structure()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_SHARED],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=True, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"  # our own line says the same
    logging.getLogger("alembic").setLevel(logging.WARNING)
