"""The web application, put together: routes of all domains below ``/api/v1``, problem documents, limits, health.

Routers of the domains (``reachback.<domain>.routes.router``) state paths *below* ``/api/v1``; their functions find the
services as ``request.app.state.services`` and state their right with `reachback.accounts.routes_rights.allow`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from fastapi import APIRouter, FastAPI

from reachback import __version__
from reachback.assembly import Services, build_services
from reachback.clock import Chance, Clock
from reachback.db.session import Database
from reachback.problem_documents import answer_problems, error_responses
from reachback.settings import Settings

__all__ = ["create_app"]

_DOMAINS = ("accounts", "audit", "intake", "cases", "adjudication", "replies", "notify")


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    chance: Chance | None = None,
    database: Database | None = None,
    services: Services | None = None,
) -> FastAPI:
    """The whole service as one application; what is not given is made from the settings."""
    services = services or build_services(settings, clock=clock, chance=chance, database=database)
    app = FastAPI(title="reachback", version=__version__, lifespan=_lifespan, docs_url=None, redoc_url=None)
    app.state.services = services
    app.state.settings = settings
    answer_problems(app)
    for domain in _DOMAINS:
        router = _router_of(domain)
        if router is not None:
            app.include_router(router, prefix="/api/v1", responses=error_responses())
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield


def _router_of(domain: str) -> APIRouter | None:
    try:
        module = import_module(f"reachback.{domain}.routes")
    except ModuleNotFoundError:
        return None
    router: APIRouter = module.router
    return router
