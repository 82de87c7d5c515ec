"""Text that every database stores as it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

__all__ = ["PlainText", "refuse_nul"]


def refuse_nul(text: str) -> str:
    """PostgreSQL stores no NUL character, so none is accepted anywhere."""
    if "\0" in text:
        raise ValueError("a text may not hold the NUL character")
    return text


PlainText = Annotated[str, AfterValidator(refuse_nul)]
