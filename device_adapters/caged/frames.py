"""What parent and child of the cage say to each other: JSON and raw float64 arrays, never pickle.

Unpickling a child's answer would run its code in the parent. So an answer is a head of fixed length, a JSON text,
and the arrays' bytes; the parent believes none of it before it is checked.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from device_adapters.errors import AdapterError, EmptyFile, MalformedFile, NotASpectrum, UnknownFormat, Unstated
from device_adapters.limits import MAX_FILE_BYTES, MAX_RECORDINGS, MAX_VALUES
from device_adapters.recording import Recording, XUnits

__all__ = [
    "Answer",
    "BadAnswer",
    "Pipe",
    "encode_ready",
    "encode_recordings",
    "encode_refusal",
    "read_answer",
    "read_request",
    "write_request",
]

_MAGIC = b"CAGE/1\r\n"
_ANSWER = struct.Struct("<8sQQ")
_REQUEST = struct.Struct("<QQ")
_LONGEST_JSON = MAX_FILE_BYTES
_LONGEST_NAME = 65_536
_PART = 1024 * 1024  # [bytes] read at once, so that a declared length alone allocates nothing
_MOST_VALUES = 3 * MAX_VALUES  # x, y and widths
_LONGEST_SENTENCE = 600
_MOST_DEEP = 8
_REFUSALS = {kind.__name__: kind for kind in (EmptyFile, UnknownFormat, MalformedFile, NotASpectrum, Unstated)}


class BadAnswer(Exception):
    """The child said something that is no answer."""


class Pipe(Protocol):
    """An unbuffered stream: a call may move fewer bytes than asked for."""

    def read(self, n_bytes: int, /) -> bytes | None:
        """At most ``n_bytes``."""

    def write(self, data: memoryview, /) -> int | None:
        """Write some of it, and say how much."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child said.

    Parameters
    ----------
    recordings : tuple of Recording
    refusal : AdapterError or None
    is_spent : bool
        Whether it asks to be replaced.
    is_ready : bool
        Whether it only says that it has started.
    """

    recordings: tuple[Recording, ...] = ()
    refusal: AdapterError | None = None
    is_spent: bool = False
    is_ready: bool = False


def write_request(pipe: Pipe, data: bytes, name: str) -> None:
    """Send a file to the child."""
    encoded = name.encode("utf-8", "replace")[:_LONGEST_NAME]
    for part in (_REQUEST.pack(len(encoded), len(data)) + encoded, data):
        rest = memoryview(part)
        while rest:
            rest = rest[pipe.write(rest) or 0 :]


def read_request(pipe: Pipe) -> tuple[bytes, str] | None:
    """The next file, None where the parent has gone."""
    head = _read_up_to(pipe, _REQUEST.size)
    if len(head) < _REQUEST.size:
        return None
    name_bytes, data_bytes = _REQUEST.unpack(head)
    name = _read_up_to(pipe, name_bytes).decode("utf-8", "replace")
    data = _read_up_to(pipe, data_bytes)
    return (data, name) if len(data) == data_bytes else None


def _read_up_to(pipe: Pipe, n_bytes: int) -> bytes:
    """``n_bytes``, or fewer where the other side closes."""
    parts: list[bytes] = []
    missing = n_bytes
    while missing and (part := pipe.read(min(missing, _PART))):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def encode_ready() -> bytes:
    """The first answer: the child has started."""
    return _frame({"is_ready": True}, b"")


def encode_refusal(refusal: AdapterError, *, is_spent: bool = False) -> bytes:
    """An answer that says no; ``is_spent`` asks for a fresh child."""
    said = {"refusal": type(refusal).__name__, "sentence": str(refusal), "is_spent": is_spent}
    return _frame(said, b"")


def encode_recordings(recordings: list[Recording]) -> bytes:
    """An answer with recordings; what several of them share is sent once."""
    arrays: dict[bytes, int] = {}
    headers: dict[str, int] = {}
    said = []
    for recording in recordings:
        said.append(
            {
                "format": recording.format,
                "x": _place(arrays, recording.x),
                "y": _place(arrays, recording.y),
                "widths": None if recording.widths is None else _place(arrays, recording.widths),
                "x_units": recording.x_units,
                "y_units": recording.y_units,
                "technique": recording.technique,
                "kind": recording.kind,
                "n_declared": recording.n_declared,
                "n_missing": recording.n_missing,
                "title": recording.title,
                "metadata": dict(recording.metadata),
                "header": headers.setdefault(recording.header, len(headers)),
                "warnings": list(recording.warnings),
            }
        )
    sizes = [len(raw) // 8 for raw in arrays]
    return _frame({"recordings": said, "arrays": sizes, "headers": list(headers)}, b"".join(arrays))


def _place(arrays: dict[bytes, int], values: NDArray[np.float64]) -> int:
    return arrays.setdefault(values.astype("<f8").tobytes(), len(arrays))


def _frame(said: Mapping[str, Any], raw: bytes) -> bytes:
    text = json.dumps(said).encode("ascii")
    return _ANSWER.pack(_MAGIC, len(text), len(raw)) + text + raw


def read_answer(pipe: Pipe) -> Answer:
    """The child's answer, checked.

    Raises
    ------
    BadAnswer
        It is no answer of the agreed form.
    EOFError
        The child has gone.
    """
    said, raw = _read_frame(pipe)
    is_spent = said.get("is_spent") is True
    if said.get("is_ready") is True:
        return Answer(is_ready=True)
    if "refusal" in said:
        kind = _REFUSALS.get(str(said["refusal"]), MalformedFile)
        return Answer(refusal=kind(_one_line(said.get("sentence"))), is_spent=is_spent)
    try:
        arrays = _arrays(said["arrays"], raw)
        headers = [_text(header) for header in said["headers"]]
        items = said["recordings"]
        if not (isinstance(items, list) and 0 < len(items) <= MAX_RECORDINGS):
            raise BadAnswer("no recordings")
        recordings = tuple(_recording(item, i, arrays, headers) for i, item in enumerate(items))
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise BadAnswer(f"an answer of another form: {_one_line(error)}") from error
    return Answer(recordings, is_spent=is_spent)


def _read_frame(pipe: Pipe) -> tuple[dict[str, Any], bytes]:
    head = _read_up_to(pipe, _ANSWER.size)
    if not head:
        raise EOFError
    if len(head) < _ANSWER.size:
        raise BadAnswer("half an answer")
    magic, text_bytes, raw_bytes = _ANSWER.unpack(head)
    if magic != _MAGIC or text_bytes > _LONGEST_JSON or raw_bytes > 8 * _MOST_VALUES or raw_bytes % 8:
        raise BadAnswer("no answer")
    text, raw = _read_up_to(pipe, text_bytes), _read_up_to(pipe, raw_bytes)
    if len(text) < text_bytes or len(raw) < raw_bytes:
        raise BadAnswer("half an answer")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("no JSON") from error
    if not isinstance(said, dict):
        raise BadAnswer("no JSON object")
    return said, raw


def _arrays(sizes: list[int], raw: bytes) -> list[NDArray[np.float64]]:
    ends = np.cumsum([_count(size) for size in sizes], dtype=np.int64)
    if (int(ends[-1]) if ends.size else 0) * 8 != len(raw):
        raise BadAnswer("arrays of another length")
    return np.split(np.frombuffer(raw, "<f8"), ends[:-1])


def _recording(item: dict[str, Any], index: int, arrays: list[NDArray[np.float64]], headers: list[str]) -> Recording:
    widths, declared, title = item["widths"], item["n_declared"], item["title"]
    return Recording(
        format=_text(item["format"]),
        index=index,
        x=arrays[_count(item["x"])],
        y=arrays[_count(item["y"])],
        x_units=_one_of(item["x_units"], get_args(XUnits)),
        y_units=_text(item["y_units"]),
        technique=_one_of(item["technique"], ("raman", "ftir", "unknown")),
        kind=_one_of(item["kind"], ("curve", "peaks", "auxiliary")),
        widths=None if widths is None else arrays[_count(widths)],
        n_declared=None if declared is None else _count(declared),
        n_missing=_count(item["n_missing"]),
        title=None if title is None else _text(title),
        metadata={_text(key): _plain(value, 0) for key, value in item["metadata"].items()},
        header=headers[_count(item["header"])],
        warnings=tuple(_one_line(warning) for warning in item["warnings"]),
    )


def _one_of(value: Any, allowed: tuple[str, ...]) -> Any:
    if value not in allowed:
        raise ValueError(f"{value!r} is not one of {allowed}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def _plain(value: Any, depth: int) -> Any:
    """A JSON value that is not nested absurdly."""
    if depth > _MOST_DEEP:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, dict):
        return {key: _plain(inner, depth + 1) for key, inner in value.items()}
    return value


def _one_line(value: Any) -> str:
    text = " ".join(str(value).split())
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text[:_LONGEST_SENTENCE] or "the file cannot be read"
