"""What the routes of adjudication take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from reachback.adjudication.laboratory_track import LaboratoryReport
from reachback.adjudication.models import FindingOutcome
from reachback.adjudication.readings import Statement
from reachback.adjudication.substances import folded
from reachback.plain_text import PlainText

__all__ = [
    "AmendmentBody",
    "Answer",
    "ComponentBody",
    "DraftBody",
    "FindingBody",
    "FirstImpressionBody",
    "LaboratoryResultBody",
    "Question",
    "ReferralBody",
]

MAX_COMPONENTS = 20
EARLIEST_YEAR, LATEST_YEAR = 1950, 2200
Token = Annotated[PlainText, Field(max_length=200)]
Line = Annotated[PlainText, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[PlainText, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]


def _as_zoned_text(value: Any) -> Any:
    """Only text says its zone; a bare number of seconds does not say which clock it was read from."""
    if not isinstance(value, str):
        raise ValueError("write the time as ISO 8601 with its zone, as in 2026-03-06T11:47:54Z")
    return value


def _in_living_memory(moment: datetime) -> datetime:
    """A slip in the year is answered; and what no calendar reaches in UTC is not stored."""
    if not EARLIEST_YEAR <= moment.year < LATEST_YEAR:
        raise ValueError(f"the year lies between {EARLIEST_YEAR} and {LATEST_YEAR}")
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_as_zoned_text), AfterValidator(_in_living_memory)]
# An answer that names nothing is written as not_identified, never as an empty list under another word.
NAMES_SOMETHING = frozenset({FindingOutcome.IDENTIFIED, FindingOutcome.MIXTURE, FindingOutcome.CLASS})


class Body(BaseModel):
    """A body without any further fields, so that a slip of the pen is answered rather than lost."""

    model_config = ConfigDict(extra="forbid")


class ComponentBody(Body):
    """One substance, and its form where it is known."""

    substance: Line
    form: Annotated[PlainText, StringConstraints(strip_whitespace=True, max_length=200)] | None = None


Components = Annotated[list[ComponentBody], Field(max_length=MAX_COMPONENTS)]


class Said(Body):
    """What a reader says of a case."""

    outcome: FindingOutcome
    components: Components = []
    comment: Annotated[PlainText, Field(max_length=10_000)] = ""
    confidence: Annotated[PlainText, Field(max_length=500)] | None = Field(default=None, description="in words")
    evidence_used: Annotated[list[Line], Field(max_length=50)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Said:
        named = [(folded(part.substance), folded(part.form)) for part in self.components]
        if len(set(named)) < len(named):
            raise ValueError("components: a substance in one form is named once")
        if self.outcome in NAMES_SOMETHING and not named:
            raise ValueError(f"components: the outcome {self.outcome} names at least one substance or family")
        return self

    def as_statement(self) -> Statement:
        """The same as the service takes it."""
        return Statement(str(self.outcome), _named(self.components), self.comment, self.confidence, self.evidence_used)


class FindingBody(Said):
    """A first, second or third reading, under the lease it was made with."""

    lease_token: Token


class AmendmentBody(Said):
    """A new version of what was released, and why."""

    reason: Words | None = None


class FirstImpressionBody(Body):
    """What a reader sees in the scan before the machine's view unfolds."""

    lease_token: Token
    text: Words


class Question(Body):
    """A question back to the officer."""

    lease_token: Token
    question: Words


class Answer(Body):
    """The officer's answer."""

    answer: Words


class DraftBody(Body):
    """What has been typed so far, in any shape."""

    body: dict[str, Any]


class ReferralBody(Body):
    """To which laboratory the sample goes."""

    laboratory: Line


class LaboratoryResultBody(Body):
    """What a laboratory found."""

    laboratory: Line
    technique: Line
    components: Components
    reported_at: Moment = Field(description="with a zone")
    reference_number: Line

    def as_report(self) -> LaboratoryReport:
        """The same as the service takes it."""
        return LaboratoryReport(
            self.laboratory, self.technique, _named(self.components), self.reported_at, self.reference_number
        )


def _named(components: list[ComponentBody]) -> list[dict[str, str | None]]:
    return [part.model_dump() for part in components]
