"""The ASGI applications of the processes; each reads its settings from the environment."""

import contextlib
import gc
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from adapters.notify.service.people.own_endpoints import router as own_notifications_router
from gateway.mcp.addresses import TOOL_PREFIXES
from kernel.audit.endpoints import router as audit_router
from kernel.first_start import complete_settings
from kernel.http.middleware import RequestIdMiddleware, SecurityHeadersMiddleware
from kernel.logging import configure_logging
from kernel.settings import Settings
from marketplace.package.manifest import HOSTED_SYSTEM
from trunkline.cli.client import TOKEN_FILE
from trunkline.console import Console
from trunkline.dispatch import PrefixDispatcher
from trunkline.health import router as health_router
from trunkline.management import build_management, with_middleware
from trunkline.metrics import metrics_registry
from trunkline.metrics import router as metrics_router
from trunkline.migrate import migrate
from trunkline.parent import end_with_parent
from trunkline.product import Product, Roles
from trunkline.shipped import register_shipped

_PROCESS_ROUTERS = (health_router, metrics_router)
_SYSTEMS = "/systems"


def create_server() -> ASGIApp:
    """Everything in one process."""
    return _lasting(build_server(process_settings(), works=True))


def create_server_without_worker() -> ASGIApp:
    """Everything but running tasks."""
    return _lasting(build_server(process_settings(), works=False))


def create_gateway() -> ASGIApp:
    """The data plane alone."""
    product = Product(process_settings(), Roles(embedded=False, works=False))
    return _lasting(PrefixDispatcher(product.data_plane, (), _management(product, (), _PROCESS_ROUTERS)))


def create_worker() -> ASGIApp:
    """Runs tasks; serves its own health and metrics."""
    product = Product(process_settings(), Roles(embedded=False, works=True))
    return _lasting(_management(product, (), _PROCESS_ROUTERS))


def build_server(settings: Settings, *, works: bool) -> ASGIApp:
    """The application of one server process; its units live as long as its lifespan."""
    product = Product(settings, Roles(embedded=settings.embedded_systems, works=works, hosts_code=True))
    management = _management(
        product, _routers(product), (*product.gateway.root_routers, *_PROCESS_ROUTERS), prepares=True
    )
    management.mount("/", Console())
    coded = [Mount(f"{_SYSTEMS}/coded/{system.name}", system.app) for system in product.coded.systems]
    embedded = [Mount(f"{_SYSTEMS}/{system.name}", system.app) for system in product.systems]
    hosted = product.marketplace.hosted.app
    plugins = [Mount(f"{_SYSTEMS}/{HOSTED_SYSTEM}", hosted)] if hosted is not None else []
    systems = Starlette(routes=[*coded, *plugins, *embedded])
    agents = SecurityHeadersMiddleware(RequestIdMiddleware(product.serve_tools()))
    return PrefixDispatcher(
        product.data_plane,
        [(f"{_SYSTEMS}/", systems), *((prefix, agents) for prefix in TOOL_PREFIXES)],
        with_middleware(management, settings.max_body_bytes),
    )


def management_document() -> dict[str, Any]:
    """The OpenAPI document of the management API; needs no database."""
    product = Product(Settings(), Roles(embedded=False, works=False))
    return _management(product, _routers(product), product.gateway.root_routers).openapi()


def _lasting(app: ASGIApp) -> ASGIApp:
    """What was loaded and built so far lives as long as the process: the garbage collector needn't walk it again."""
    gc.freeze()
    gc.enable()
    return app


def process_settings() -> Settings:
    end_with_parent()
    settings, _ = complete_settings(Settings())
    configure_logging(settings.log_level, as_json=settings.log_json)
    return settings


def _routers(product: Product) -> tuple[APIRouter, ...]:
    return (
        *product.gateway.routers,
        *product.marketplace.routers,
        *product.orchestrator.routers,
        own_notifications_router,
        audit_router,
    )


def _management(
    product: Product, routers: Sequence[APIRouter], root_routers: Sequence[APIRouter], *, prepares: bool = False
) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if prepares:
            await prepare(product)
        await product.start()
        try:
            yield
        finally:
            await product.stop()

    app = build_management(routers, root_routers, lifespan)
    app.state.database = product.kernel.database
    app.state.authenticator = product.gateway.authenticator
    app.state.authorizer = product.gateway.authorizer
    app.state.gateway = product.gateway
    app.state.marketplace = product.marketplace
    app.state.orchestrator = product.orchestrator
    app.state.own_notifications = product.own_notifications
    app.state.metrics = metrics_registry(
        product.data_plane.snapshot_of_counters,
        lambda: product.snapshots.current.revision,
        product.data_plane.limit_failures,
        product.data_plane.server_states,
        product.count_deliveries,
    )
    return app


async def prepare(product: Product) -> None:
    """Newest schema, signing key, first administrator with an API token for the command line on this machine, and what
    comes with the product.
    """
    await migrate(product.kernel.database)
    async with product.kernel.database.unit_of_work() as session:
        token = await product.gateway.prepare(session)
    if token is not None:
        _write_for_owner(product.settings.data_dir / TOKEN_FILE, token)
    if product.settings.register_embedded:
        await register_shipped(product)


def _write_for_owner(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
