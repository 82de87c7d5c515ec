"""The web application, put together: routes of all domains below ``/api/v1``, pages, problem documents, limits, health.

Routers of the domains (``reachback.<domain>.routes.router``) state paths *below* ``/api/v1``; their functions find the
services as ``request.app.state.services`` and state their right with `reachback.accounts.routes_rights.allow`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from reachback import __version__
from reachback.accounts.oidc_routes import router as oidc_router
from reachback.accounts.routes import router as accounts_router
from reachback.adjudication.routes import router as adjudication_router
from reachback.assembly import Services, build_services
from reachback.audit.routes import router as audit_router
from reachback.background import Background
from reachback.cases.routes import router as cases_router
from reachback.clock import Chance, Clock
from reachback.curation.reference_routes import router as references_router
from reachback.curation.routes import router as library_router
from reachback.db.session import Database
from reachback.insight.routes import router as insight_router
from reachback.intake.routes import router as intake_router
from reachback.library_work.routes import router as library_work_router
from reachback.notify.event_routes import router as events_router
from reachback.notify.routes import router as notices_router
from reachback.observability import log_in_structure
from reachback.operations_routes import router as operations_router
from reachback.problem_documents import ProblemDocument, answer_problems, error_responses
from reachback.replies.routes import router as replies_router
from reachback.request_guards import BodyLimit, LastResort, ReadableText
from reachback.rescreening.routes import router as rescreening_router
from reachback.settings import Settings
from reachback.web.page_answers import PageAnswers
from reachback.web.pages import PAGE_ROUTERS

__all__ = ["create_app"]

_ROUTERS: tuple[APIRouter, ...] = (
    accounts_router,
    oidc_router,
    audit_router,
    intake_router,
    cases_router,
    adjudication_router,
    replies_router,
    library_router,
    references_router,
    library_work_router,
    rescreening_router,
    insight_router,
    notices_router,
    events_router,
)


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    chance: Chance | None = None,
    database: Database | None = None,
    services: Services | None = None,
    works: bool = False,
) -> FastAPI:
    """The whole service as one application; what is not given is made from the settings.

    With ``works`` it also runs what belongs beside the requests – identification processes, sweeps, deliveries – from
    start-up to shut-down; without, whoever made it starts what he needs.
    """
    log_in_structure()
    services = services or build_services(settings, clock=clock, chance=chance, database=database)
    app = FastAPI(
        title="reachback",
        version=__version__,
        summary="Field narcotics identification: scans in, presumptive verdicts out, chemists' answers within the hour",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.services, app.state.settings = services, settings
    app.state.background = Background(services, settings) if works else None
    answer_problems(app)
    app.add_middleware(ReadableText)
    app.add_middleware(BodyLimit, limit=settings.max_upload_bytes)
    app.add_middleware(LastResort)
    app.add_middleware(PageAnswers)
    app.include_router(operations_router, responses=error_responses())
    for router in _ROUTERS:
        app.include_router(router, prefix="/api/v1", responses=error_responses())
    for router in PAGE_ROUTERS:
        app.include_router(router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # An upload holds a thread while its scan is identified; those that wait must not keep the others from an answer.
    to_thread.current_default_thread_limiter().total_tokens = 40 + app.state.settings.queue_length
    background: Background | None = app.state.background
    if background is not None:
        background.start()
    yield
    if background is not None:
        background.stop()


def _openapi(app: FastAPI) -> dict[str, Any]:
    if not app.openapi_schema:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        form = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(form.pop("$defs", {}))
        schemas["ProblemDocument"] = form
        app.openapi_schema = document
    return app.openapi_schema
