"""What stands before every route: the last resort, the limit of the body, and text that no database takes.

Written on the bare protocol of the web server, so that a body which is too large is refused before it is read.
"""

from __future__ import annotations

import json
import time
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reachback.problem_documents import answer_fault, response_of
from reachback.problems import Problem, TooLarge, Unprocessable

__all__ = ["BodyLimit", "LastResort", "ReadableText", "parse_strictly"]


class LastResort:
    """Answers what nobody foresaw, and writes one line for every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; see how it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answered: MutableMapping[str, int] = {}
        began = time.monotonic()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered["status"] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as fault:  # noqa: BLE001 – the last resort
            response = answer_fault(scope["path"], fault)
            if "status" not in answered:
                await response(scope, receive, noting)
        _log_request(scope, answered.get("status"), time.monotonic() - began)


def _log_request(scope: Scope, status: int | None, seconds: float) -> None:
    # The query may hold what somebody typed; the path holds identifiers only.
    structlog.get_logger("reachback.requests").info(
        "request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1)
    )


class BodyLimit:
    """Refuses a body over the limit: by what it says of itself, else as soon as that much has come."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with a counted body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"")
        refusal = response_of(TooLarge(f"the body is larger than {self._limit} bytes"), scope["path"])
        if said.isdigit() and int(said) > self._limit:
            await refusal(scope, receive, send)
            return
        counted = _CountedBody(receive, send, self._limit)
        with suppress(_OverLimit):
            await self._app(scope, counted.receive, counted.send)
        if counted.is_over and not counted.has_begun:
            await refusal(scope, receive, send)


class _OverLimit(Exception):
    """More came than is taken."""


class _CountedBody:
    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._left = receive, send, limit
        self.is_over = self.has_begun = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.is_over = True
            raise _OverLimit
        return message

    async def send(self, message: Message) -> None:
        if self.is_over and not self.has_begun:
            return  # whatever the application makes of a body cut short, the answer is ours
        self.has_begun = True
        await self._send(message)


class ReadableText:
    """Refuses what could not be stored, or not be said in JSON: NUL, half a surrogate pair, NaN, Infinity."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the address, and at the body where it is JSON."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kind = dict(scope["headers"]).get(b"content-type", b"").split(b";")[0].strip().lower()
        body = None
        try:
            _check_address(scope)
            if kind == b"application/json" or kind.endswith(b"+json"):
                body = await _whole_body(receive)
                if body.strip():
                    parse_strictly(body)
        except Problem as problem:
            await response_of(problem, scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive if body is None else _replay(body, receive), send)


def _check_address(scope: Scope) -> None:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    for part, what in ((raw, "address"), (scope["query_string"].replace(b"+", b" "), "query")):
        try:
            text = unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            raise Unprocessable(f"the {what} is no UTF-8 text") from None
        if "\x00" in text:
            raise Unprocessable(f"the {what} holds a NUL character")


def parse_strictly(body: bytes | str) -> Any:
    """Parse JSON as strictly as we write it; refuse what it must not hold, and nesting that no form needs."""
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:
        raise Unprocessable("the body holds half of a surrogate pair, which is no text") from None
    except RecursionError:
        raise Unprocessable("the body is nested too deeply") from None
    except ValueError as error:
        raise Unprocessable(f"the body is no JSON that can be read: {error}") from None
    if "\\u0000" in text:
        _refuse_nul(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _refuse_nul(value: Any) -> None:
    if isinstance(value, str) and "\x00" in value:
        raise Unprocessable("the body holds a NUL character, which no text needs")
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_nul(key)
            _refuse_nul(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_nul(item)


async def _whole_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed
