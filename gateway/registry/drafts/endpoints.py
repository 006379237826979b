from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from gateway.dependencies import GatewayDep
from gateway.fields import ComponentPath, SystemPath
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.drafts.schemas import Component, ComponentProposal, CurlCommand, DraftComponentView
from gateway.registry.drafts.service import editable
from gateway.registry.models import DraftComponent
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/draft/components", tags=["systems"], route_class=StrictJsonRoute)


@router.get("")
async def list_draft_components(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, page: PageDep, gateway: GatewayDep
) -> Page[DraftComponentView]:
    """What the next release is made of; for those who manage the system."""
    found = await gateway.drafts.browse(session, principal, system, page)
    return Page(items=[_view(row) for row in found.items], next=found.next)


@router.post(":from-curl")
async def component_from_curl(
    system: SystemPath, body: CurlCommand, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> ComponentProposal:
    """The component that a pasted `curl` line calls; nothing is stored or called. PUT it when it is right."""
    found = await gateway.drafts.from_curl(session, principal, system, body.command)
    return ComponentProposal.model_validate(found)


@router.get("/{component}")
async def get_draft_component(
    system: SystemPath, component: ComponentPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> DraftComponentView:
    return _view(await gateway.drafts.get(session, principal, system, component))


@router.put("/{component}")
async def put_draft_component(
    system: SystemPath,
    component: ComponentPath,
    body: Component,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
) -> DraftComponentView:
    """Makes a component or replaces all of its definition. Nothing that is served changes before a release."""
    return _view(await gateway.drafts.put(session, principal, system, body.definition(system, component)))


@router.patch("/{component}")
async def patch_draft_component(
    system: SystemPath,
    component: ComponentPath,
    body: Annotated[dict[str, Any], Body(description="Members to replace, each as a whole; null is the usual value")],
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
) -> DraftComponentView:
    def patched(present: ComponentDefinition) -> ComponentDefinition:
        document = {**editable(present), **body}
        try:
            changed = Component.model_validate({name: value for name, value in document.items() if value is not None})
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        return changed.definition(system, component)

    return _view(await gateway.drafts.change(session, principal, system, component, patched))


@router.delete("/{component}", status_code=204)
async def delete_draft_component(
    system: SystemPath, component: ComponentPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Response:
    await gateway.drafts.remove(session, principal, system, component)
    return Response(status_code=204)


def _view(row: DraftComponent) -> DraftComponentView:
    component = editable(ComponentDefinition.from_columns(row))
    return DraftComponentView(name=row.name, component=component, updated_by=row.updated_by, updated_at=row.updated_at)
