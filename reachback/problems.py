"""What the service refuses, independent of HTTP: each kind has its status, every text is one sentence for a person.

::

    Problem
    ├── NotSignedIn        401
    ├── NotAllowed         403
    ├── NotFound           404   also for what belongs to another unit
    ├── Conflict           409
    │   └── StaleLease     409   the text was kept as a draft
    ├── TooLarge           413
    ├── Unprocessable      422
    ├── TooManyAttempts    429
    ├── Busy               503   try again, see ``retry_after``
    └── DiskFull           507
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "Busy",
    "Conflict",
    "DiskFull",
    "NotAllowed",
    "NotFound",
    "NotSignedIn",
    "Problem",
    "StaleLease",
    "TooLarge",
    "TooManyAttempts",
    "Unprocessable",
]


class Problem(Exception):
    """Root of what the service refuses; ``extra`` joins the problem document (RFC 9457)."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong here"

    def __init__(self, detail: str, *, retry_after: int | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail, self.retry_after, self.extra = detail, retry_after, extra


class NotSignedIn(Problem):
    """No valid token or session."""

    status, title = 401, "Not signed in"


class NotAllowed(Problem):
    """The role does not hold the right."""

    status, title = 403, "Not allowed"


class NotFound(Problem):
    """There is no such thing, or it is another unit's."""

    status, title = 404, "Not found"


class Conflict(Problem):
    """The state of things does not allow it."""

    status, title = 409, "Conflict"


class StaleLease(Conflict):
    """The case is no longer held by this reader."""

    title = "The lease has ended"


class TooLarge(Problem):
    """The body is over the limit."""

    status, title = 413, "Too large"


class Unprocessable(Problem):
    """Understood, but not acceptable."""

    status, title = 422, "Cannot be processed"


class TooManyAttempts(Problem):
    """Slow down."""

    status, title = 429, "Too many attempts"


class Busy(Problem):
    """All workers are at work."""

    status, title = 503, "Busy"


class DiskFull(Problem):
    """The data folder takes no more."""

    status, title = 507, "No space left"
