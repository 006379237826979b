from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import AppCodePath, SystemPath
from gateway.registration.schemas import RelatedAppView
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/related-apps", tags=["systems"], route_class=StrictJsonRoute)


@router.get("")
async def list_related_apps(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[RelatedAppView]:
    """Apps that manage the system as its owner does, by BlueKing's registration API."""
    found = await gateway.blueking.related_apps.browse(session, principal, system)
    return Page(items=[RelatedAppView.model_validate(each) for each in found])


@router.put("/{app_code}", status_code=204)
async def add_related_app(system: SystemPath, app_code: AppCodePath, caller: CallerDep, gateway: GatewayDep) -> None:
    async with gateway.database.unit_of_work() as session:
        await gateway.blueking.related_apps.add(session, caller, system, [app_code])


@router.delete("/{app_code}", status_code=204)
async def remove_related_app(system: SystemPath, app_code: AppCodePath, caller: CallerDep, gateway: GatewayDep) -> None:
    async with gateway.database.unit_of_work() as session:
        await gateway.blueking.related_apps.remove(session, caller, system, app_code)
