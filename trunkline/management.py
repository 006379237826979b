"""The management API: one FastAPI application whose OpenAPI document feeds the console, the SDKs and the docs."""

from collections.abc import Sequence
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI
from starlette.types import ASGIApp, Lifespan

from kernel.http.middleware import (
    AnsweredErrorsMiddleware,
    BodyLimitMiddleware,
    RequestIdMiddleware,
    SecurityHeadersMiddleware,
)
from kernel.http.problems import install_problem_handlers
from kernel.http.query_names import only_known_parameters
from trunkline.beginnings import BeginningRouter

_PROBLEM_ANSWERS: dict[int | str, dict[str, str]] = {
    "4XX": {"description": "A problem document (RFC 9457) with `code`, `request_id` and, for wrong fields, `errors`"},
}


def build_management(
    routers: Sequence[APIRouter], root_routers: Sequence[APIRouter], lifespan: Lifespan[FastAPI] | None = None
) -> FastAPI:
    """Mounts `routers` below `/v1` and `root_routers` at the root (OAuth, well-known documents, health)."""
    app = FastAPI(
        title="Trunkline management API",
        version=version("trunkline"),
        openapi_url="/v1/openapi.json",
        docs_url="/v1/docs",
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        responses=_PROBLEM_ANSWERS,
        generate_unique_id_function=lambda route: route.name,
    )
    install_problem_handlers(app)
    for router in routers:
        app.include_router(BeginningRouter(router, "/v1"), dependencies=[Depends(only_known_parameters)])
    for router in root_routers:
        app.include_router(router)
    return app


def with_middleware(app: ASGIApp, max_body_bytes: int) -> ASGIApp:
    """Request ids, security headers and body limits around the management API and console."""
    bounded = BodyLimitMiddleware(AnsweredErrorsMiddleware(app), max_body_bytes)
    return SecurityHeadersMiddleware(RequestIdMiddleware(bounded))
