import base64
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import RELEASE, ComponentPath, SystemPath
from gateway.registry.importers.service import DocumentSource, ImportOrder
from gateway.registry.models import ReleaseComponent
from gateway.registry.schemas import (
    ComponentView,
    CreatedSystem,
    ImportedSystem,
    ImportSystem,
    NewSystem,
    NoteView,
    SystemView,
    VerificationKeyView,
)
from gateway.registry.service import DescribedSystem
from gateway.registry.stages.schemas import StageView
from gateway.registry.system_registration import SystemOrder
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems", tags=["systems"], route_class=StrictJsonRoute)

ReleaseQuery = Annotated[str | None, Query(pattern=RELEASE, description="Left out: the release on stage prod")]


@router.post(":import")
async def import_system(body: ImportSystem, caller: CallerDep, gateway: GatewayDep) -> ImportedSystem:
    """Registers a system by a document, or publishes the next release of a registered one."""
    system = SystemOrder(
        name=body.name,
        upstream_url=body.upstream_url,
        aliases=body.aliases,
        signing=body.signing,
        envelope=body.envelope,
        owner=body.owner,
    )
    source = DocumentSource(body.document, body.document_text, body.document_url, body.variables)
    docs = {str(language): texts for language, texts in body.docs.items()}
    order = ImportOrder(source, system, docs, releases=body.release, keep_others=body.keep_others)
    result = await gateway.imports.run(gateway.database, caller, order)
    return ImportedSystem(
        system=result.system,
        release=result.release or "",
        stage=result.stage,
        components=result.components,
        notes=[NoteView.model_validate(note) for note in result.notes],
        revision=result.revision,
        live=await gateway.live.wait_live(result.revision),
    )


@router.post("", status_code=201)
async def create_system(body: NewSystem, caller: CallerDep, gateway: GatewayDep) -> CreatedSystem:
    """Registers a system whose components are described one by one: `/systems/{system}/draft/components`."""
    order = SystemOrder(**body.model_dump(), forwards=body.upstream_url is not None)
    revision = await gateway.registration.create(gateway.database, caller, order)
    async with gateway.database.reading() as session:
        described = await gateway.registry.get(session, caller, body.name)
    view = _system(described).model_dump()
    return CreatedSystem(**view, revision=revision, live=await gateway.live.wait_live(revision))


@router.get("")
async def list_systems(
    session: SessionDep, principal: PrincipalDep, page: PageDep, gateway: GatewayDep
) -> Page[SystemView]:
    found, following = await gateway.registry.browse(session, principal, page)
    return Page(items=[_system(described) for described in found], next=following)


@router.get("/{system}")
async def get_system(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> SystemView:
    return _system(await gateway.registry.get(session, principal, system))


@router.get("/{system}/components")
async def list_components(
    system: SystemPath,
    session: SessionDep,
    principal: PrincipalDep,
    page: PageDep,
    gateway: GatewayDep,
    release: ReleaseQuery = None,
) -> Page[ComponentView]:
    found = await gateway.registry.components(session, principal, system, page, release)
    return Page(items=[_component(component) for component in found.items], next=found.next)


@router.get("/{system}/components/{component}")
async def get_component(
    system: SystemPath,
    component: ComponentPath,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
    release: ReleaseQuery = None,
) -> ComponentView:
    return _component(await gateway.registry.component(session, principal, system, component, release))


@router.post("/{system}:reveal-keys")
async def reveal_keys(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, response: Response, gateway: GatewayDep
) -> Page[VerificationKeyView]:
    """What the system verifies our calls with; for those who manage it, and each look is on record."""
    response.headers["Cache-Control"] = "no-store"
    keys = await gateway.registry.reveal_keys(session, principal, system)
    return Page(
        items=[
            VerificationKeyView(
                profile=key.profile,
                key_id=key.key_id,
                secret=base64.b64encode(key.secret).decode() if key.secret is not None else None,
                public_key=key.public_key,
            )
            for key in keys
        ]
    )


def _system(described: DescribedSystem) -> SystemView:
    system = described.system
    return SystemView(
        name=system.name,
        title=system.title,
        description=system.description,
        aliases=system.aliases,
        owner=system.owner,
        stages=[StageView.model_validate(stage) for stage in described.stages],
        components_count=described.components_count,
    )


def _component(component: ReleaseComponent) -> ComponentView:
    def named(location: str) -> list[str]:
        return [parameter["name"] for parameter in component.parameters if parameter["in"] == location]

    return ComponentView(
        name=component.name,
        method=component.method,
        path=component.path,
        title=component.title,
        description=component.description,
        scopes=component.scopes,
        is_read=component.is_read,
        parameters=component.parameters,
        path_parameters=named("path"),
        query_parameters=named("query"),
        request_schema=component.body_schema,
        response_schema=component.response_schema,
        labels=component.labels,
        texts=component.texts,
        user_required=component.user_required,
        is_public=component.is_public,
        allow_apply=component.allow_apply,
    )
