from typing import Annotated

from fastapi import APIRouter, Path, Query

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.field_problems import SaidView
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import HostingServiceDep
from marketplace.hosting.models import HostedPlugin
from marketplace.hosting.sandbox.spec import Walls
from marketplace.hosting.schemas import HostedLogView, HostedPluginView, HostingView, MeasureView

router = APIRouter(tags=["hosted plugins"], route_class=StrictJsonRoute)

PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
VersionText = Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")]


@router.get("/hosted-plugins")
async def list_hosted_plugins(
    session: SessionDep, principal: PrincipalDep, hosting: HostingServiceDep
) -> Page[HostedPluginView]:
    """Plugins in Python that this installation runs: all for administrators, their own for authors."""
    return Page(items=[_view(row) for row in await hosting.browse(session, principal)], next=None)


@router.get("/hosted-plugins/{code}/versions/{version}")
async def get_hosted_plugin(
    code: PluginCode, version: VersionText, session: SessionDep, principal: PrincipalDep, hosting: HostingServiceDep
) -> HostedPluginView:
    return _view(await hosting.get(session, principal, code, version))


@router.get("/hosted-plugins/{code}/versions/{version}/log")
async def read_hosted_log(
    code: PluginCode,
    version: VersionText,
    session: SessionDep,
    principal: PrincipalDep,
    hosting: HostingServiceDep,
    lines: Annotated[int, Query(ge=1, le=2_000)] = 200,
) -> HostedLogView:
    """What its process said last, with secrets masked."""
    return HostedLogView(lines=await hosting.log(session, principal, code, version, lines))


@router.post("/hosted-plugins/{code}/versions/{version}:stop")
async def stop_hosted_plugin(
    code: PluginCode, version: VersionText, session: SessionDep, principal: PrincipalDep, hosting: HostingServiceDep
) -> HostedPluginView:
    """Ends its process within seconds; nothing starts it until somebody does."""
    return _view(await hosting.stop(session, principal, code, version))


@router.post("/hosted-plugins/{code}/versions/{version}:start")
async def start_hosted_plugin(
    code: PluginCode, version: VersionText, session: SessionDep, principal: PrincipalDep, hosting: HostingServiceDep
) -> HostedPluginView:
    return _view(await hosting.start(session, principal, code, version))


@router.post("/hosted-plugins/{code}/versions/{version}:restart")
async def restart_hosted_plugin(
    code: PluginCode, version: VersionText, session: SessionDep, principal: PrincipalDep, hosting: HostingServiceDep
) -> HostedPluginView:
    """Ends its process and starts another; runs that wait go on. One that was given up is tried again."""
    return _view(await hosting.restart(session, principal, code, version))


@router.get("/plugin-hosting")
async def show_hosting(session: SessionDep, principal: PrincipalDep, hosting: HostingServiceDep) -> HostingView:
    """What keeps plugins apart from the machine that answers, and what of it holds there."""
    isolation = await hosting.isolation()
    return HostingView(
        hosts=hosting.hosts,
        walls=isolation.walls.value,
        unseen=await hosting.unseen(session, principal),
        runs=isolation.walls is not Walls.NONE or hosting.is_relaxed,
        measures=[
            MeasureView(name=each.name, enforced=each.enforced, detail=SaidView.of(each.detail))
            for each in isolation.measures
        ],
    )


def _view(row: HostedPlugin) -> HostedPluginView:
    return HostedPluginView.model_validate(row, from_attributes=True)
