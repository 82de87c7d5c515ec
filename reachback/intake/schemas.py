"""The officer's form beside a scan, and what the routes of intake give."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from device_adapters.stated import Stated
from reachback.plain_text import PlainText
from reachback.problems import Unprocessable
from spectra.spectrum import Ordinate, Technique

__all__ = [
    "AttachmentJson",
    "AttachmentKind",
    "CaseOfScan",
    "ReceiptJson",
    "ScanAnswer",
    "ScanForm",
    "ScanRecord",
    "StripResult",
    "parse_form",
]

Word = Annotated[PlainText, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[PlainText, StringConstraints(strip_whitespace=True, max_length=4000)]


def _as_zoned_text(value: Any) -> Any:
    """Only text says its zone; a bare number of seconds does not say which clock it was read from."""
    if value is not None and not isinstance(value, str):
        raise ValueError("write the time as ISO 8601 with its zone, as in 2026-03-06T11:47:54Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_as_zoned_text)]


class StripResult(StrEnum):
    """What an immunoassay strip shows."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INVALID = "invalid"


class SelfTest(StrEnum):
    """How the device's own check went."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not_done"


class WeightUnit(StrEnum):
    """Units of a weight or a volume."""

    MICROGRAM = "ug"
    MILLIGRAM = "mg"
    GRAM = "g"
    KILOGRAM = "kg"
    MILLILITRE = "ml"
    LITRE = "l"
    PIECES = "pieces"


class AttachmentKind(StrEnum):
    """What a photo shows."""

    POWDER = "powder"
    TABLET = "tablet"
    PACKAGING = "packaging"
    OTHER = "other"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Strip(_Part):
    """One test strip."""

    kind: Word = Field(description="what it is made to show: fentanyl, nitazene, …")
    result: StripResult


class Weight(_Part):
    """A weight with its unit; ``gross`` is with the packaging."""

    value: float = Field(ge=0, le=1e9)
    unit: WeightUnit
    gross: bool | None = None


def _as_self_test(value: Any) -> Any:
    return {True: SelfTest.PASSED, False: SelfTest.FAILED}.get(value, value) if isinstance(value, bool) else value


class ScanForm(_Part):
    """What the officer says beside the file; everything may be left out, nothing unknown may be added."""

    technique: Technique | None = None
    mode: Word | None = None
    laser_nm: float | None = Field(
        default=None, gt=100, lt=3000, validation_alias=AliasChoices("laser_nm", "laser"), description="[nm]"
    )
    y_units: Ordinate | None = None
    device_serial: Word | None = None
    self_test: Annotated[SelfTest | None, BeforeValidator(_as_self_test)] = None
    strips: list[Strip] = Field(default_factory=list, max_length=50)
    exhibit: Word | None = None
    seizure_number: Word | None = None
    place: Words | None = None
    found_at: Moment | None = None
    scanned_at: Moment | None = None
    appearance: Words | None = None
    packaging: Words | None = None
    sampled_through_bag: bool | None = None
    weight: Weight | None = None
    suspicion: Words | None = Field(default=None, description="shown to a chemist after the first impression only")
    comment: Words | None = None
    call_back: Words | None = Field(default=None, description="how to reach the officer")
    want_review: bool = False
    exposure: bool = Field(default=False, description="somebody was exposed: such cases come first")

    def as_stored(self) -> dict[str, Any]:
        """What was said, and nothing that was not."""
        return self.model_dump(mode="json", exclude_unset=True)

    def stated(self) -> dict[str, Any]:
        """What `identify` is told beside the file."""
        stated = {"technique": self.technique, "mode": self.mode, "laser_nm": self.laser_nm, "y_units": self.y_units}
        return {name: value for name, value in stated.items() if value is not None}


def parse_form(metadata: str | None) -> ScanForm:
    """The form as sent in the multipart field ``metadata``; Unprocessable names every field that is wrong."""
    if metadata is None or not metadata.strip():
        return ScanForm()
    try:
        return ScanForm.model_validate_json(metadata)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        errors = [{"field": _place(item["loc"]), "message": _message(item)} for item in found[:20]]
        shown = "; ".join(f"{each['field']}: {each['message']}" for each in errors[:3])
        raise Unprocessable(shown, errors=errors) from error


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(["metadata", *(str(part) for part in loc)])


def _message(item: Mapping[str, Any]) -> str:
    if item["type"] == "extra_forbidden":
        return "there is no such field in the form"
    if item["type"] == "timezone_aware":
        return "a time needs its zone, as in 2026-03-06T11:47:54Z"
    return str(item["msg"])


def stated_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """The statements of a stored form, checked once more."""
    names = ("technique", "mode", "laser_nm", "y_units")
    stated = {name: form[name] for name in names if form.get(name) is not None}
    Stated(**stated)
    return stated


class CaseOfScan(BaseModel):
    """The case of a scan, in short."""

    case_id: str
    state: str
    due_at: str


class ReceiptJson(BaseModel):
    """Proof that a scan was received: ``audit_index`` is its entry, ``checkpoint`` a signed state of the log."""

    received_at: str
    audit_index: int | None
    checkpoint: str | None


class ScanAnswer(BaseModel):
    """The answer to an upload; ``identification`` is of the file's first usable spectrum."""

    scan_id: str
    sha256: str
    identification: dict[str, Any]
    case: CaseOfScan | None
    receipt: ReceiptJson


class AttachmentJson(BaseModel):
    """A photo or another file beside a scan."""

    attachment_id: str
    kind: AttachmentKind
    file_name: str
    media_type: str
    sha256: str
    size: int
    received_at: str


class ScanRecord(BaseModel):
    """Everything that is kept of a scan."""

    scan_id: str
    sha256: str
    file_name: str
    size: int
    unit: str
    exhibit: str | None
    state: str
    received_at: str
    form: dict[str, Any]
    identification: dict[str, Any] | None
    identifications: list[dict[str, Any]]
    refusals: list[dict[str, Any]] = Field(description="spectra of the file that could not be identified, and why")
    device_results: list[dict[str, Any]] = Field(description="what the device said, verbatim")
    withheld: str | None = Field(description="what a reader has to do before suspicions are shown; null where they are")
    error: str | None
    case: CaseOfScan | None
    receipt: ReceiptJson | None
    attachments: list[AttachmentJson]
