"""BlueKing's registration API, second and first version: the same operations at other places, in other envelopes."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, File, Path, Query, Request, Response, UploadFile

from gateway.dependencies import GatewayDep
from gateway.fields import ReleaseVersion, StagePath
from gateway.registration.permissions import PermissionOrder
from gateway.registration.schemas import (
    ApplicationInput,
    GatewayInput,
    GrantInput,
    McpServersInput,
    RelatedAppsInput,
    ReleaseInput,
    ResourcesInput,
    VersionInput,
)
from gateway.registration.service import ESB_NAMES, GatewayOrder
from gateway.registration.shapes import FirstAnswer, FirstRoute, SecondAnswer, SecondRoute
from gateway.registry.system_registration import is_esb_key
from gateway.wire.codes import API_NOT_FOUND
from gateway.wire.refusal import Refusal, gateway_error
from kernel.db.pages import PageRequest
from kernel.errors import NotFound
from kernel.principal import Principal

ROOT = "/api/bk-apigateway"
PREFIX = f"{ROOT}/prod/api"

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_MOST_VERSIONS = 500
_WHOLE_NUMBER_DIGITS = 13

NamePath = Annotated[str, Path(alias="gateway", pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


async def _caller(request: Request, gateway: GatewayDep) -> Principal:
    callers = request.app.state.gateway.registration_callers
    async with gateway.database.reading() as session:
        principal: Principal = await callers.authenticate(session, request)
    return principal


Caller = Annotated[Principal, Depends(_caller)]


async def sync_gateway(name: NamePath, body: GatewayInput, caller: Caller, gateway: GatewayDep) -> dict[str, Any]:
    description = body.description or body.description_en
    order = GatewayOrder(description=description, maintainers=tuple(body.maintainers))
    system, revision = await gateway.blueking.gateways.sync(gateway.database, caller, name, order)
    await gateway.live.wait_live(revision)
    return {"id": _number(system.id), "name": system.name, "kind": "normal"}


async def public_key(name: NamePath, caller: Caller, gateway: GatewayDep) -> dict[str, str]:
    gateways = gateway.blueking.gateways
    if name in ESB_NAMES or is_esb_key(name):
        return await gateways.esb_public_key(gateway.database, name)
    async with gateway.database.reading() as session:
        return await gateways.public_key(session, caller, name)


async def add_related_apps(name: NamePath, body: RelatedAppsInput, caller: Caller, gateway: GatewayDep) -> None:
    async with gateway.database.unit_of_work() as session:
        await gateway.blueking.related_apps.add(session, caller, name, body.related_app_codes)


async def sync_stage(
    name: NamePath, body: Annotated[dict[str, Any], Body()], caller: Caller, gateway: GatewayDep
) -> dict[str, Any]:
    stage, revision = await gateway.blueking.stages.sync(gateway.database, caller, name, body)
    await gateway.live.wait_live(revision)
    return {"id": _number(stage.id), "name": stage.name}


async def sync_mcp_servers(
    name: NamePath, stage: StagePath, body: McpServersInput, caller: Caller, gateway: GatewayDep
) -> list[dict[str, Any]]:
    async with gateway.database.unit_of_work() as session:
        synced = await gateway.blueking.mcp_servers.sync(session, caller, name, stage, body.mcp_servers)
    return [{"id": _number(each.server.id), "name": each.name, "action": each.action} for each in synced]


async def sync_resources(
    name: NamePath, body: ResourcesInput, caller: Caller, gateway: GatewayDep
) -> dict[str, list[dict[str, str]]]:
    found = await gateway.blueking.resources.sync(gateway.database, caller, name, body.content, delete=body.delete)
    groups = {"added": found.added, "updated": found.updated, "deleted": found.deleted}
    return {group: [{"name": each} for each in names] for group, names in groups.items()}


async def sync_docs(name: NamePath, file: Annotated[UploadFile, File()], caller: Caller, gateway: GatewayDep) -> None:
    await gateway.blueking.resources.put_docs(gateway.database, caller, name, await file.read())


async def list_versions(
    name: NamePath, caller: Caller, gateway: GatewayDep, version: Annotated[ReleaseVersion | None, Query()] = None
) -> dict[str, Any]:
    async with gateway.database.reading() as session:
        page = PageRequest(_MOST_VERSIONS)
        found = await gateway.blueking.versions.browse(session, caller, name, version, page)
    results = [{"version": each.version, "comment": each.comment} for each in found.items]
    return {"count": len(results), "results": results}


async def create_version(name: NamePath, body: VersionInput, caller: Caller, gateway: GatewayDep) -> dict[str, Any]:
    async with gateway.database.unit_of_work() as session:
        release = await gateway.blueking.versions.create(session, caller, name, body.version, body.comment or "")
    return {"id": _number(release.id), "version": release.version}


async def latest_version(name: NamePath, caller: Caller, gateway: GatewayDep) -> dict[str, str]:
    async with gateway.database.reading() as session:
        release = await gateway.blueking.versions.latest(session, caller, name)
    return {"version": release.version} if release is not None else {}


async def release_version(name: NamePath, body: ReleaseInput, caller: Caller, gateway: GatewayDep) -> dict[str, Any]:
    async with gateway.database.unit_of_work() as session:
        stages, revision = await gateway.blueking.versions.release(
            session, caller, name, body.version, body.stage_names, body.comment or ""
        )
    await gateway.live.wait_live(revision)
    return {"version": body.version, "stage_names": stages}


async def generate_sdks(name: NamePath, caller: Caller, gateway: GatewayDep) -> None:
    async with gateway.database.reading() as session:
        await gateway.blueking.versions.latest(session, caller, name)
    raise NotFound("No SDKs are generated here; make one from the OpenAPI document of the system")


async def grant_permissions(name: NamePath, body: GrantInput, caller: Caller, gateway: GatewayDep) -> None:
    order = PermissionOrder(body.target_app_code, _components(body), body.expire_days or None, "registration API")
    async with gateway.database.unit_of_work() as session:
        _, revision = await gateway.blueking.permissions.grant(session, caller, name, order)
    await gateway.live.wait_live(revision)


async def apply_for_permissions(
    name: NamePath, body: ApplicationInput, caller: Caller, gateway: GatewayDep
) -> dict[str, Any]:
    order = PermissionOrder(body.target_app_code, _components(body), body.expire_days or None, body.reason)
    async with gateway.database.unit_of_work() as session:
        grants = await gateway.blueking.permissions.apply(session, caller, name, order)
    return {"record_id": _number(grants[0].id), "itsm_ticket_id": "", "itsm_ticket_url": ""}


async def nothing(request: Request) -> Response:
    """What a gateway of BlueKing's answers where it serves nothing."""
    body, headers = gateway_error(Refusal(API_NOT_FOUND, f"nothing answers {request.method} here"))
    told = {name.decode("ascii"): value.decode("ascii") for name, value in headers}
    return Response(body, API_NOT_FOUND.status, headers=told)


def _components(body: GrantInput | ApplicationInput) -> list[str] | None:
    return body.resource_names if body.grant_dimension == "resource" else None


def _number(identifier: str) -> int:
    """BlueKing's ids are numbers; this one is told apart by the same id, and exact in JavaScript too."""
    return int(identifier[:_WHOLE_NUMBER_DIGITS], 16)


_Operation = Callable[..., Awaitable[Any]]
_SYNC = "/v2/sync/gateways/{gateway}"
_OPEN = "/v2/open/gateways/{gateway}"
_V1 = "/v1/apis/{gateway}"
_OPERATIONS: tuple[tuple[str, _Operation, int, tuple[str, ...], tuple[str, ...]], ...] = (
    ("POST", sync_gateway, 200, (f"{_SYNC}/",), (f"{_V1}/sync/",)),
    ("GET", public_key, 200, (f"{_SYNC}/public_key/", f"{_OPEN}/public_key/"), (f"{_V1}/public_key/",)),
    ("POST", add_related_apps, 201, (f"{_SYNC}/related-apps/",), (f"{_V1}/related-apps/",)),
    ("POST", sync_stage, 200, (f"{_SYNC}/stages/",), (f"{_V1}/stages/sync/",)),
    ("POST", sync_mcp_servers, 200, (f"{_SYNC}/stages/{{stage}}/mcp-servers/",), ()),
    ("POST", sync_resources, 200, (f"{_SYNC}/resources/",), (f"{_V1}/resources/sync/",)),
    ("POST", sync_docs, 201, (f"{_SYNC}/resource-docs/",), (f"{_V1}/resource-docs/import/by-archive/",)),
    ("GET", list_versions, 200, (f"{_SYNC}/resource_versions/",), (f"{_V1}/resource_versions/",)),
    ("POST", create_version, 200, (f"{_SYNC}/resource_versions/",), (f"{_V1}/resource_versions/",)),
    ("GET", latest_version, 200, (f"{_SYNC}/resource_versions/latest/",), (f"{_V1}/resource_versions/latest/",)),
    ("POST", release_version, 200, (f"{_SYNC}/resource_versions/release/",), (f"{_V1}/resource_versions/release/",)),
    ("POST", generate_sdks, 201, (f"{_SYNC}/sdks/",), (f"{_V1}/sdk/",)),
    ("POST", grant_permissions, 201, (f"{_SYNC}/permissions/grant/",), (f"{_V1}/permissions/grant/",)),
    ("POST", apply_for_permissions, 200, (f"{_OPEN}/permissions/apply/",), (f"{_V1}/permissions/apply/",)),
)
"""Method, operation, status, and where the second and the first version have it."""


def _registration_router() -> APIRouter:
    """Clients leave out the last slash of some of these places: each is served with and without it."""
    router = APIRouter(include_in_schema=False)
    for method, operation, status, second, first in _OPERATIONS:
        for paths, route, answer in ((second, SecondRoute, SecondAnswer), (first, FirstRoute, FirstAnswer)):
            for path in paths:
                for place in (path, path.rstrip("/")):
                    router.add_api_route(
                        f"{PREFIX}{place}",
                        operation,
                        methods=[method],
                        status_code=status,
                        response_class=answer,
                        response_model=None,
                        route_class_override=route,
                    )
    router.add_api_route(f"{ROOT}/{{rest:path}}", nothing, methods=list(_METHODS))
    return router


router = _registration_router()
