"""All routers of pages; the application includes them outside ``/api/v1``."""

from __future__ import annotations

from fastapi import APIRouter

from reachback.web.case_links import router as case_router
from reachback.web.chemist.evidence_pages import router as evidence_router
from reachback.web.chemist.workbench_pages import router as workbench_router
from reachback.web.chemist.worklist_pages import router as worklist_router
from reachback.web.entrance_pages import router as entrance_router
from reachback.web.laboratory.propose_pages import router as propose_router
from reachback.web.laboratory.reference_pages import router as reference_router
from reachback.web.laboratory.referral_pages import router as referral_router
from reachback.web.laboratory.release_pages import router as release_router
from reachback.web.laboratory.review_pages import router as review_router
from reachback.web.laboratory.work_pages import router as library_work_router
from reachback.web.officer.scan_pages import router as scan_router
from reachback.web.officer.upload_pages import router as upload_router
from reachback.web.overview.account_pages import router as account_router
from reachback.web.overview.log_pages import router as log_router
from reachback.web.overview.overview_pages import router as overview_router
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
    overview_router,
    log_router,
    account_router,
    reference_router,
    propose_router,
    review_router,
    referral_router,
    release_router,
    library_work_router,
)
