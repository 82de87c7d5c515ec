"""Our own style sheets and scripts, and the two of others that the build has put beside them.

All are read once; their address holds a digest of them all, so a browser may keep them for good, and a module that
imports another by a relative path gets the one it was written for.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from reachback.accounts.routes_rights import public
from reachback.problems import NotFound

__all__ = ["HTMX", "PREFIX", "UPLOT", "StaticFile", "has_static", "router", "static_files", "static_url"]

router = APIRouter(include_in_schema=False)
PREFIX = "/static"
HTMX, UPLOT = "vendor/htmx.min.js", "vendor/uPlot.iife.min.js"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that everybody may have."""

    content: bytes
    compressed: bytes
    media_type: str


@cache
def static_files() -> Mapping[str, StaticFile]:
    """Path below ``static/`` → file."""
    found = {}
    for path, source in _walk(files("reachback.web") / "static", ""):
        kind = _KINDS.get(path[path.rfind(".") :])
        if kind is not None:
            content = source.read_bytes()
            found[path] = StaticFile(content, gzip.compress(content, 9, mtime=0), kind)
    return found


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry


@cache
def _digest() -> str:
    digest = hashlib.sha256()
    for path, file in static_files().items():
        digest.update(path.encode() + b"\0" + hashlib.sha256(file.content).digest())
    return digest.hexdigest()[:16]


def has_static(path: str) -> bool:
    """Whether there is such a file; those of others may be missing where the build could not fetch them."""
    return path in static_files()


def static_url(path: str) -> str:
    """The address of a file; a name that is not there is a slip of a template."""
    if path not in static_files():
        raise LookupError(f"there is no static file {path}")
    return f"{PREFIX}/{_digest()}/{path}"


@router.get(PREFIX + "/{digest}/{path:path}", dependencies=[Depends(public)])
def static_file(request: Request, digest: Annotated[str, Path(max_length=64)], path: str) -> Response:
    """One file; under an older digest it is given too, but not to be kept."""
    file = static_files().get(path)
    if file is None:
        raise NotFound(f"there is nothing at {request.url.path}")
    headers = {"Cache-Control": _FOR_GOOD if digest == _digest() else "no-cache", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.compressed, media_type=file.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(file.content, media_type=file.media_type, headers=headers)
