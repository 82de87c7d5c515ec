"""Every refusal as a problem document (RFC 9457), from whatever layer it comes; the last resort says no more than that.

What a document says is for the person who reads it: never a traceback, a statement or a path of this machine.
"""

from __future__ import annotations

import errno
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.exceptions import HTTPException

from reachback.problems import Busy, Conflict, DiskFull, NotFound, Problem, TooLarge, Unprocessable
from reachback.strict_json import dump_strictly

__all__ = ["MEDIA_TYPE", "ProblemDocument", "answer_problems", "error_responses", "problem_response", "refusal_of"]

MEDIA_TYPE = "application/problem+json"
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DOCUMENTED = (400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 507)


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="where it stands, as in body.components.0.substance")
    message: str


class ProblemDocument(BaseModel):
    """An error, after RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[FieldError] | None = None


def error_responses() -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of errors, for every route."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}} for status in _DOCUMENTED
    }


def problem_response(
    status: int,
    title: str,
    detail: str,
    *,
    instance: str | None = None,
    headers: dict[str, str] | None = None,
    extra: dict[str, Any] | None = None,
) -> Response:
    """One problem document."""
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, **(extra or {})}
    if instance is not None:
        document["instance"] = instance
    return Response(dump_strictly(document, indent=None), status, headers=headers, media_type=MEDIA_TYPE)


def answer_problems(app: FastAPI) -> None:
    """Teach an application to answer everything it refuses with a problem document."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)


def refusal_of(fault: Exception) -> Problem | None:
    """The refusal behind a fault of the machine below us: full disk, locked database; None for faults of our own."""
    if isinstance(fault, OSError) and fault.errno in _DISK_FULL:
        return DiskFull("the data folder takes no more; nothing of this request was kept")
    if isinstance(fault, IntegrityError):
        return Conflict("somebody else wrote the same thing at the same moment; look at it again")
    if isinstance(fault, DBAPIError):
        said = str(fault.orig)
        if "disk is full" in said or "No space left" in said:
            return DiskFull("the database takes no more; nothing of this request was kept")
        if "database is locked" in said or fault.connection_invalidated:
            return Busy("the database is busy; try again in a moment", retry_after=1)
    return None


def _answer_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 – registered for this class
    return response_of(problem, request.url.path)


def response_of(problem: Problem, path: str) -> Response:
    """The document of one refusal."""
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(problem, TooLarge):
        headers["Connection"] = "close"  # the rest of the body is not read
    return problem_response(
        problem.status, problem.title, problem.detail, instance=path, headers=headers, extra=problem.extra
    )


def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 – registered for this class
    errors = [
        {"field": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])} for item in error.errors()
    ]
    shown = "; ".join(f"{each['field']}: {each['message']}" for each in errors[:3])
    return problem_response(422, Unprocessable.title, shown, instance=request.url.path, extra={"errors": errors})


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 – registered for this class
    status, path = error.status_code, request.url.path
    detail = {
        404: f"there is nothing at {path}",
        405: f"{request.method} is not possible at {path}",
    }.get(status, str(error.detail))
    title = NotFound.title if status == 404 else HTTPStatus(status).phrase
    return problem_response(status, title, detail, instance=path, headers=dict(error.headers or {}))


def answer_fault(path: str, fault: Exception) -> Response:
    """The last resort: what went wrong is in the log, not in the answer."""
    refusal = refusal_of(fault)
    log = structlog.get_logger("reachback")
    if refusal is not None:
        log.warning("request.refused", path=path, status=refusal.status, why=type(fault).__name__)
        return response_of(refusal, path)
    log.error("request.failed", path=path, exc_info=fault)
    return problem_response(
        500, Problem.title, "a fault of this service; it was logged, please report it", instance=path
    )
