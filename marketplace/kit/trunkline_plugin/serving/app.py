"""The application a plugin's process serves."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trunkline_plugin.project import Project
from trunkline_plugin.serving.callers import Callers
from trunkline_plugin.serving.debug_page import DEBUG_ROUTES
from trunkline_plugin.serving.endpoints import Endpoints
from trunkline_plugin.serving.engine import Engine
from trunkline_plugin.serving.finish import EndTeller
from trunkline_plugin.serving.logs import RunLog
from trunkline_plugin.serving.refusals import REFUSALS
from trunkline_plugin.serving.store import Store
from trunkline_plugin.serving.trying import Lent, lent_routes
from trunkline_plugin.serving.views import Views

Handler = Callable[[Request], Awaitable[Response]]
_ANY = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def make_app(project: Project, store: Store, lent: Lent | None = None) -> Starlette:
    """Serves a project; its runs are kept in the store.

    Args:
        lent: a page to try it by in development, instead of the small one of this distribution.
    """
    settings = project.settings
    engine = Engine(project, store, EndTeller(verify_tls=settings.verify_tls))

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        log = RunLog(store) if settings.keeps_logs else None
        if log is not None:
            logging.getLogger().addHandler(log)
            logging.getLogger("bk_plugin").setLevel(logging.INFO)
        engine.start()
        try:
            yield
        finally:
            await engine.stop()
            if log is not None:
                logging.getLogger().removeHandler(log)

    return Starlette(routes=_routes(project, engine, store, lent), lifespan=running, exception_handlers=REFUSALS)


def _routes(project: Project, engine: Engine, store: Store, lent: Lent | None) -> list[BaseRoute]:
    callers = Callers(project, engine)
    endpoints = Endpoints(project, engine, store, callers)
    views = Views(project, engine, callers)
    routes = [
        *_both("invoke/{version}", endpoints.invoke, "POST"),
        *_both("schedule/{trace_id}", endpoints.schedule, "GET"),
        *_both("cancel/{trace_id}", endpoints.cancel, "POST"),
        *_both("callback/{token}", endpoints.callback, "POST"),
        *_both("meta", endpoints.meta, "GET"),
        *_both("detail/{version}", endpoints.detail, "GET"),
        *_both("plugin_api_dispatch", views.dispatch, "POST"),
    ]
    routes += [
        Route(f"/bk_plugin/{room}/{{path:path}}", _in_room(views.direct, room), methods=_ANY) for room in project.apis
    ]
    if project.settings.callers_in_headers:
        routes += _both("waiting", endpoints.waiting, "GET")
    if project.settings.keeps_logs:
        routes += _both("logs/{trace_id}", endpoints.logs, "GET")
    if not project.settings.is_development:
        return list(routes)
    return [*routes, *(DEBUG_ROUTES if lent is None else lent_routes(lent, project))]


def _both(path: str, handler: Handler, method: str) -> list[Route]:
    """With and without a slash at the end: clients of this protocol write both."""
    return [Route(f"/bk_plugin/{path}{end}", handler, methods=[method]) for end in ("", "/")]


def _in_room(handler: Handler, room: str) -> Handler:
    async def handle(request: Request) -> Response:
        request.path_params["room"] = room
        return await handler(request)

    return handle
