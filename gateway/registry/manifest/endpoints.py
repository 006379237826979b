import asyncio
from typing import Annotated, Literal

import yaml
from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import SystemPath
from gateway.registry.manifest.blueking import GatewayFiles, convert
from gateway.registry.manifest.schemas import (
    AppliedView,
    BluekingDocument,
    BluekingFiles,
    ChangeView,
    GrantOfFile,
    PlanView,
    SystemManifest,
    plain,
)
from gateway.registry.manifest.service import Applied
from gateway.registry.schemas import NoteView
from gateway.snapshot.endpoints import WaitQuery
from kernel.errors import Invalid
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems", tags=["systems"], route_class=StrictJsonRoute)

FormatQuery = Annotated[Literal["json", "yaml"], Query(alias="format")]


@router.get("/{system}/export", response_model=None, responses={200: {"model": SystemManifest}})
async def export_system(
    system: SystemPath,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
    written: FormatQuery = "json",
) -> Response:
    """The whole system as one document, without secrets: what `:plan` and `:apply` take."""
    document = await gateway.manifests.export(session, principal, system)
    if written == "json":
        return JSONResponse(document)
    return Response(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), media_type="application/yaml")


@router.post("/{system}:plan")
async def plan_system(system: SystemPath, body: SystemManifest, caller: CallerDep, gateway: GatewayDep) -> PlanView:
    """What `:apply` of the same document would change; changes nothing."""
    _require_name(system, body)
    return PlanView(changes=_changes(await gateway.manifests.plan(gateway.database, caller, body)))


@router.post("/{system}:apply")
async def apply_system(
    system: SystemPath, body: SystemManifest, caller: CallerDep, gateway: GatewayDep, wait: WaitQuery = 2.0
) -> AppliedView:
    """Makes the system what the document says, all of it or nothing; registers it when it isn't there."""
    _require_name(system, body)
    applied = await gateway.manifests.apply(gateway.database, caller, body)
    live = await gateway.live.wait_live(applied.revision, wait)
    return AppliedView(changes=_changes(applied), revision=applied.revision, live=live)


@router.post(":from-blueking")
async def system_from_blueking(body: BluekingFiles, _caller: CallerDep) -> BluekingDocument:
    """BlueKing's `definition.yaml` and `resources.yaml` as one document; nothing is changed, and no template is run."""
    files = GatewayFiles(
        body.name,
        body.definition,
        body.resources,
        body.variables,
        {str(language): texts for language, texts in body.docs.items()},
    )
    converted = await asyncio.to_thread(convert, files)
    return BluekingDocument(
        document=plain(converted.manifest),
        grants=[
            GrantOfFile(app_code=grant.app_code, components=list(grant.components) if grant.components else None)
            for grant in converted.grants
        ],
        notes=[NoteView.model_validate(note) for note in converted.notes],
    )


def _require_name(system: str, manifest: SystemManifest) -> None:
    if manifest.name != system:
        raise Invalid.field(
            "name", f"is {manifest.name}, and the address names {system}", f"Send it to {manifest.name}"
        )


def _changes(applied: Applied) -> list[ChangeView]:
    return [
        ChangeView(action=each.action, what=each.what, name=each.name, details=list(each.details))
        for each in applied.changes
    ]
