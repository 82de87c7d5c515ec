"""What curation takes over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reachback.curation.service import SubstanceStated
from reachback.plain_text import PlainText

__all__ = ["ProposalBody", "ReasonBody", "ReviewBody"]

Word = Annotated[PlainText, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Reason = Annotated[PlainText, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class ProposalBody(BaseModel):
    """A confirmed case whose scan is to be a reference; what the library in use does not know is stated."""

    model_config = ConfigDict(extra="forbid")

    case_id: Word
    scan_id: Word | None = None
    inchikey: Word | None = None
    cas: Word | None = None
    substance_class: Word | None = None
    controlled: bool | None = None
    watch: bool | None = None

    def stated(self) -> SubstanceStated:
        """The statements alone."""
        return SubstanceStated(self.inchikey, self.cas, self.substance_class, self.controlled, self.watch)


class ReasonBody(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    because: Reason


class ReviewBody(BaseModel):
    """Another person's judgement on proposed references."""

    model_config = ConfigDict(extra="forbid")

    reference_ids: Annotated[list[Word], Field(min_length=1, max_length=1000)]
    accepted: bool = True
    comment: Reason | None = None
