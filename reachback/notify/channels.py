"""The ways a message leaves the house: to people through Apprise, to a system as a signed call.

Both say no more than what kind of thing happened and where to look: a finding stays inside the system, which checks
who may see it.
"""

from __future__ import annotations

import binascii
import warnings
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

import httpx
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from reachback.strict_json import dump_strictly

__all__ = ["DeliveryFailed", "send_to_people", "send_to_system"]

CALL_TIMEOUT = httpx.Timeout(10.0, connect=5.0)  # [s]
GONE = 410  # Standard Webhooks: the receiver wants no more of these


class DeliveryFailed(Exception):
    """A message was not taken; ``final`` where it is of no use to try again."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


def send_to_people(address: str, message: dict[str, Any]) -> None:
    """Send one message to one Apprise address (mail, Teams, Slack, SMS …)."""
    apprise = _apprise()
    sender = apprise.Apprise()
    if not sender.add(address):
        raise DeliveryFailed("the channel's address is none that Apprise knows", final=True)
    body = f"{message['title']}\n\n{message['link']}\n"
    if not sender.notify(body=body, title=message["title"], body_format=apprise.NotifyFormat.TEXT):
        raise DeliveryFailed("the channel did not take the message")


def send_to_system(url: str, secret: str | None, message_id: str, message: dict[str, Any], now: datetime) -> None:
    """Call a system, signed after Standard Webhooks; a retry carries the same message id."""
    body = dump_strictly(
        {
            "type": message["kind"],
            "timestamp": message["at"],
            "data": {key: message[key] for key in ("subject_id", "title", "link", "accounts")},
        },
        indent=None,
    )
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": _signature(secret, message_id, now, body),
    }
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=CALL_TIMEOUT, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(f"the system could not be reached ({type(error).__name__})") from None
    if not answer.is_success:
        raise DeliveryFailed(f"the system answered {answer.status_code}", final=answer.status_code == GONE)


@cache
def _apprise() -> Any:
    """The library, loaded late: it brings a hundred services, some of which use what Python has deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        apprise = import_module("apprise")
        apprise.Apprise().add("json://localhost")  # nothing is sent; now its services are loaded
    return apprise


def _signature(secret: str | None, message_id: str, now: datetime, body: str) -> str:
    try:
        return Webhook(secret or "").sign(message_id, now, body)
    except (binascii.Error, ValueError, EmptyWebhookSecretError):
        raise DeliveryFailed("REACHBACK_WEBHOOK_SECRET is missing or is not base64 (whsec_…)") from None
