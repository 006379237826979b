"""The routes of a unit, built once for all the applications that a process makes of it."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from kernel.http.query_names import only_known_parameters

_built: dict[tuple[tuple[int, ...], str], list[BaseRoute]] = {}


def mount(app: FastAPI, routers: Sequence[APIRouter], prefix: str = "/v1") -> None:
    """As `app.include_router` of each, which reads the signature of every endpoint anew. Routers are never let go."""
    key = (tuple(map(id, routers)), prefix)
    if key not in _built:
        mounted = APIRouter()
        dependencies = [Depends(only_known_parameters)] if prefix else []
        for router in routers:
            mounted.include_router(router, prefix=prefix, dependencies=dependencies)
        _built[key] = mounted.routes
    app.router.routes.extend(_built[key])


def share_routes() -> None:
    """From now on an application that includes a router gets the routes that the first one got."""
    include = FastAPI.include_router
    known: dict[tuple[int, str], tuple[APIRouter, list[BaseRoute]]] = {}

    def included(app: FastAPI, router: APIRouter, *, prefix: str = "", **settings: Any) -> None:
        if (id(router), prefix) not in known:
            before = len(app.router.routes)
            include(app, router, prefix=prefix, **settings)
            routes = app.router.routes[before:]
            # Which reads the signature of every endpoint; otherwise the first request does.
            deque(iter_route_contexts(routes), maxlen=0)
            known[id(router), prefix] = router, routes
        else:
            app.router.routes.extend(known[id(router), prefix][1])

    FastAPI.include_router = included  # type: ignore[method-assign, assignment]
