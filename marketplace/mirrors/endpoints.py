from typing import Annotated

from fastapi import APIRouter, Path, Query

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import MirrorServiceDep
from marketplace.mirrors.changes import changes_after
from marketplace.mirrors.schemas import (
    MirrorBody,
    MirrorCounts,
    MirroredVersionView,
    MirrorView,
    PluginChange,
    PluginChanges,
)
from marketplace.mirrors.service import Mirror, MirroredVersion, MirrorSettings

router = APIRouter(tags=["plugins"], route_class=StrictJsonRoute)

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


@router.get("/plugin-changes")
async def list_plugin_changes(
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  whoever is signed in may browse
    after: Annotated[str, Query(pattern=r"^[0-9a-f]{0,32}$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> PluginChanges:
    """Published versions in the order in which something about them changed last, for whoever follows the catalogue."""
    found = await changes_after(session, after, limit + 1)
    return PluginChanges(items=[PluginChange.model_validate(each) for each in found[:limit]], more=len(found) > limit)


@router.get("/plugin-mirrors")
async def list_plugin_mirrors(
    session: SessionDep, principal: PrincipalDep, mirrors: MirrorServiceDep
) -> Page[MirrorView]:
    """Other installations whose catalogues are followed."""
    return Page(items=[_view(each) for each in await mirrors.browse(session, principal)], next=None)


@router.put("/plugin-mirrors/{name}")
async def put_plugin_mirror(
    name: Name, body: MirrorBody, session: SessionDep, principal: PrincipalDep, mirrors: MirrorServiceDep
) -> MirrorView:
    """Follows another installation: its packages are published here with every check of ours."""
    wanted = MirrorSettings(
        url=body.url,
        token=body.token.get_secret_value() if body.token is not None else None,
        keeps_token="token" not in body.model_fields_set,
        publishers=tuple(dict.fromkeys(body.publishers)),
        plugins=tuple(dict.fromkeys(body.plugins)),
        channels=tuple(dict.fromkeys(body.channels)),
        every_minutes=body.every_minutes,
        enabled=body.enabled,
    )
    return _view(await mirrors.put(session, principal, name, wanted))


@router.post("/plugin-mirrors/{name}:sync", status_code=202)
async def sync_plugin_mirror(
    name: Name, session: SessionDep, principal: PrincipalDep, mirrors: MirrorServiceDep
) -> MirrorView:
    """Has it followed at once, and what was refused tried again; `last_round_at` tells when that is done."""
    return _view(await mirrors.sync(session, principal, name))


@router.delete("/plugin-mirrors/{name}", status_code=204)
async def remove_plugin_mirror(
    name: Name, session: SessionDep, principal: PrincipalDep, mirrors: MirrorServiceDep
) -> None:
    """Follows it no more; what was taken stays published."""
    await mirrors.remove(session, principal, name)


@router.get("/plugin-mirrors/{name}/versions")
async def list_mirrored_versions(
    name: Name, session: SessionDep, principal: PrincipalDep, mirrors: MirrorServiceDep
) -> Page[MirroredVersionView]:
    """What became of its versions here, the last first; 500 of them."""
    found = await mirrors.versions(session, principal, name)
    return Page(items=[_version_view(each) for each in found], next=None)


def _view(mirror: Mirror) -> MirrorView:
    row = mirror.row
    return MirrorView(
        name=row.name,
        url=row.url,
        has_token=bool(row.sealed_token),
        publishers=row.publishers,
        plugins=row.plugins,
        channels=row.channels,
        every_minutes=row.every_minutes,
        enabled=row.enabled,
        next_round_at=row.next_round_at,
        last_round_at=row.last_round_at,
        last_success_at=row.last_success_at,
        problem=row.problem,
        versions=MirrorCounts.model_validate(mirror.counts),
        created_by=row.created_by,
        created_at=row.created_at,
    )


def _version_view(found: MirroredVersion) -> MirroredVersionView:
    return MirroredVersionView.model_validate({**found.row.model_dump(exclude={"mirror"}), "lacks": dict(found.lacks)})
