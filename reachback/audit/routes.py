"""Tamper evidence over HTTP: signed checkpoints, and proofs that lead to them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from reachback.accounts.models import Role
from reachback.accounts.routes_rights import allow
from reachback.audit.service import AuditService

__all__ = ["router"]

_LARGEST = 2**62
router = APIRouter(prefix="/audit", tags=["audit"], dependencies=[Depends(allow(*Role))])


def _audit(request: Request) -> AuditService:
    service: AuditService = request.app.state.services.audit
    return service


Audit = Annotated[AuditService, Depends(_audit)]
Size = Annotated[int | None, Query(ge=1, le=_LARGEST, description="of the log the proof leads to; today's if unset")]


class CheckpointOut(BaseModel):
    """A signed statement of how long the log is and what its root is."""

    size: int
    root_sha256: str
    checkpoint: str


class ProofOut(CheckpointOut):
    """An entry, and what leads from it to the root."""

    entry: dict[str, Any]
    leaf_sha256: str
    proof: list[str]


class ConsistencyOut(CheckpointOut):
    """What shows that the log only grew."""

    old_size: int
    old_root_sha256: str
    proof: list[str]


@router.get("/checkpoint")
def checkpoint(audit: Audit) -> CheckpointOut:
    """Size and root of the log now, signed."""
    signed = audit.keep_checkpoint()
    return CheckpointOut(size=signed.size, root_sha256=signed.root_sha256, checkpoint=signed.note)


@router.get("/proof/{index}")
def proof(index: Annotated[int, Path(ge=0, le=_LARGEST)], audit: Audit, size: Size = None) -> ProofOut:
    """The proof that an entry is in the log; `reachback/audit/proof_check.py` checks it without this service."""
    return ProofOut(**audit.show_proof(index, size))


@router.get("/consistency/{old_size}")
def consistency(old_size: Annotated[int, Path(ge=1, le=_LARGEST)], audit: Audit, size: Size = None) -> ConsistencyOut:
    """The proof that the log of an older checkpoint is the beginning of today's."""
    return ConsistencyOut(**audit.show_consistency(old_size, size))
