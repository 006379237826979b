from typing import Annotated

from fastapi import APIRouter, Path

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import StandingServiceDep
from marketplace.versions.schemas import Deprecation
from marketplace.versions.standing.schemas import ChannelBody, DeprecationBody, YankBody

router = APIRouter(tags=["plugins"], route_class=StrictJsonRoute)

PluginCode = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
VersionText = Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")]
_VERSION = "/plugins/{code}/versions/{version}"


@router.put(f"{_VERSION}/yank", status_code=204)
async def yank_plugin_version(
    code: PluginCode,
    version: VersionText,
    body: YankBody,
    session: SessionDep,
    principal: PrincipalDep,
    standing: StandingServiceDep,
) -> None:
    """Has nobody install the version any more, and tells why; where it is installed it goes on."""
    await standing.yank(session, principal, code, version, body.message)


@router.delete(f"{_VERSION}/yank", status_code=204)
async def unyank_plugin_version(
    code: PluginCode, version: VersionText, session: SessionDep, principal: PrincipalDep, standing: StandingServiceDep
) -> None:
    await standing.unyank(session, principal, code, version)


@router.put(f"{_VERSION}/channel", status_code=204)
async def move_plugin_version(
    code: PluginCode,
    version: VersionText,
    body: ChannelBody,
    session: SessionDep,
    principal: PrincipalDep,
    standing: StandingServiceDep,
) -> None:
    """Puts the version into a channel; pre-releases are never `stable`."""
    await standing.move(session, principal, code, version, body.channel)


@router.put("/plugins/{code}/deprecation")
async def deprecate_plugin(
    code: PluginCode,
    body: DeprecationBody,
    session: SessionDep,
    principal: PrincipalDep,
    standing: StandingServiceDep,
) -> Deprecation:
    """Tells everybody that the plugin has an end, and what to use instead."""
    wanted = body.deprecation()
    await standing.deprecate(session, principal, code, wanted)
    return wanted


@router.delete("/plugins/{code}/deprecation", status_code=204)
async def undeprecate_plugin(
    code: PluginCode, session: SessionDep, principal: PrincipalDep, standing: StandingServiceDep
) -> None:
    await standing.deprecate(session, principal, code, None)
