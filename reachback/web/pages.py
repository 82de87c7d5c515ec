"""All routers of pages; the application includes them outside ``/api/v1``."""

from __future__ import annotations

from fastapi import APIRouter

from reachback.web.case_links import router as case_router
from reachback.web.chemist.evidence_pages import router as evidence_router
from reachback.web.chemist.workbench_pages import router as workbench_router
from reachback.web.chemist.worklist_pages import router as worklist_router
from reachback.web.entrance_pages import router as entrance_router
from reachback.web.officer.scan_pages import router as scan_router
from reachback.web.officer.upload_pages import router as upload_router
from reachback.web.static_files import router as static_router

__all__ = ["PAGE_ROUTERS"]

PAGE_ROUTERS: tuple[APIRouter, ...] = (
    static_router,
    entrance_router,
    upload_router,
    scan_router,
    case_router,
    worklist_router,
    workbench_router,
    evidence_router,
)
