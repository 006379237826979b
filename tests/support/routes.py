"""The routes of a unit, built once for all the applications that tests make of it."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

_built: dict[tuple[tuple[int, ...], str], list[BaseRoute]] = {}


def mount(app: FastAPI, routers: Sequence[APIRouter], prefix: str = "/v1") -> None:
    """As `app.include_router` of each, which reads the signature of every endpoint anew. Routers are never let go."""
    key = (tuple(map(id, routers)), prefix)
    if key not in _built:
        mounted = APIRouter()
        for router in routers:
            mounted.include_router(router, prefix=prefix)
        _built[key] = mounted.routes
    app.router.routes.extend(_built[key])
