from typing import Annotated

from fastapi import APIRouter, Path

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import StagePath, SystemPath
from gateway.registry.upstreams.models import StageUpstream
from gateway.registry.upstreams.schemas import (
    UPSTREAM_NAME,
    ChangedUpstream,
    ServerView,
    TargetView,
    TlsView,
    UpstreamSettings,
    UpstreamView,
)
from gateway.registry.upstreams.service import UpstreamOrder
from gateway.snapshot.schemas import LiveView
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/stages/{stage}/upstreams", tags=["systems"], route_class=StrictJsonRoute)

UpstreamPath = Annotated[str, Path(pattern=UPSTREAM_NAME)]


@router.get("")
async def list_upstreams(
    system: SystemPath, stage: StagePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[UpstreamView]:
    found = await gateway.upstreams.browse(session, principal, system, stage)
    return Page(items=[_view(upstream) for upstream in found])


@router.get(":servers")
async def list_servers(
    system: SystemPath, stage: StagePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[ServerView]:
    """How the servers of upstreams with several do, from the first call on, as the process that answers this sees
    them: each process that serves calls finds out for itself.
    """
    await gateway.upstreams.browse(session, principal, system, stage)
    states = [state for state in gateway.server_states() if (state.system, state.stage) == (system, stage)]
    return Page(items=[ServerView.model_validate(state) for state in states])


@router.get("/{upstream}")
async def get_upstream(
    system: SystemPath,
    stage: StagePath,
    upstream: UpstreamPath,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
) -> UpstreamView:
    return _view(await gateway.upstreams.get(session, principal, system, stage, upstream))


@router.put("/{upstream}")
async def put_upstream(
    system: SystemPath,
    stage: StagePath,
    upstream: UpstreamPath,
    body: UpstreamSettings,
    caller: CallerDep,
    gateway: GatewayDep,
) -> ChangedUpstream:
    """Makes an upstream of the stage, or replaces all of its settings. Components say which one they go to; without
    saying, to `default`.
    """
    settings = body.model_dump(exclude={"tls": {"private_key"}})
    order = UpstreamOrder(system, stage, upstream, settings, body.tls.private_key if body.tls is not None else None)
    changed, revision = await gateway.upstreams.put(gateway.database, caller, order)
    return ChangedUpstream(upstream=_view(changed), revision=revision, live=await gateway.live.wait_live(revision))


@router.delete("/{upstream}")
async def remove_upstream(
    system: SystemPath, stage: StagePath, upstream: UpstreamPath, caller: CallerDep, gateway: GatewayDep
) -> LiveView:
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.upstreams.remove(session, caller, system, stage, upstream)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision))


def _view(upstream: StageUpstream) -> UpstreamView:
    settings = upstream.settings
    tls = settings.get("tls")
    has_private_key = upstream.sealed_key is not None or upstream.secret_name is not None
    return UpstreamView(
        name=upstream.name,
        balance=settings.get("balance", "round-robin"),
        hash_on=settings.get("hash_on", "address"),
        targets=[TargetView(**target) for target in settings["targets"]],
        connect_timeout=settings["connect_timeout"],
        timeout=settings["timeout"],
        total_timeout=settings.get("total_timeout"),
        tls=TlsView(**tls, has_private_key=has_private_key) if tls else None,
        health=settings.get("health") or {"active": None, "passive": None},
        updated_at=upstream.updated_at,
    )
