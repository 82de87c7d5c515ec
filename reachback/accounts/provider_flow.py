"""One attempt to sign in by an identity provider: what the browser carries from here to there and back, sealed.

The seal is made from the client's secret, so that any process of the service opens what another one closed, and nothing
is stored for somebody who has not shown who he is.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reachback.clock import Chance
from reachback.problems import NotSignedIn

__all__ = ["BEGIN_AGAIN", "FLOW_SECONDS", "Flow", "FlowSeal"]

FLOW_SECONDS = 600
_PURPOSE = b"reachback sign-in by an identity provider"
BEGIN_AGAIN = "this attempt to sign in has ended or was not begun in this browser; begin again"


@dataclass(frozen=True, slots=True)
class Flow:
    """``state`` ties the answer to the browser, ``nonce`` the token to the request, ``verifier`` the code to us."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def begin(cls, chance: Chance) -> Flow:
        """A new one: three independent secrets of 256 bits."""
        return cls(chance.new_secret(), chance.new_secret(), chance.new_secret())

    def is_answered_by(self, state: str) -> bool:
        """Whether the provider's answer belongs to this attempt."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "replace"))


class FlowSeal:
    """Closes attempts, and opens its own only, within ten minutes."""

    def __init__(self, client_secret: str) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(client_secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, flow: Flow, now: datetime) -> str:
        """What the browser carries."""
        return self._fernet.encrypt_at_time(json.dumps(asdict(flow)).encode(), int(now.timestamp())).decode()

    def open(self, sealed: str, now: datetime) -> Flow:
        """The attempt; refused where the seal is not ours, or too old."""
        try:
            content = self._fernet.decrypt_at_time(
                sealed.encode("utf-8", "replace"), FLOW_SECONDS, int(now.timestamp())
            )
        except InvalidToken:
            raise NotSignedIn(BEGIN_AGAIN) from None
        return Flow(**json.loads(content))
