from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import AppCodePath, SystemPath
from gateway.registration.compatibility import Compatibility
from gateway.registration.schemas import CompatibilityInput, CompatibilityView, RelatedAppView
from gateway.snapshot.schemas import LiveView
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}", tags=["systems"], route_class=StrictJsonRoute)


@router.get("/related-apps")
async def list_related_apps(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[RelatedAppView]:
    """Apps that manage the system as its owner does, by BlueKing's registration API."""
    found = await gateway.blueking.related_apps.browse(session, principal, system)
    return Page(items=[RelatedAppView.model_validate(each) for each in found])


@router.put("/related-apps/{app_code}", status_code=204)
async def add_related_app(system: SystemPath, app_code: AppCodePath, caller: CallerDep, gateway: GatewayDep) -> None:
    async with gateway.database.unit_of_work() as session:
        await gateway.blueking.related_apps.add(session, caller, system, [app_code])


@router.delete("/related-apps/{app_code}", status_code=204)
async def remove_related_app(system: SystemPath, app_code: AppCodePath, caller: CallerDep, gateway: GatewayDep) -> None:
    async with gateway.database.unit_of_work() as session:
        await gateway.blueking.related_apps.remove(session, caller, system, app_code)


@router.get("/compatibility")
async def get_compatibility(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> CompatibilityView:
    return CompatibilityView.model_validate(await gateway.blueking.compatibility.get(session, principal, system))


@router.put("/compatibility")
async def put_compatibility(
    system: SystemPath, body: CompatibilityInput, caller: CallerDep, gateway: GatewayDep
) -> LiveView:
    """How BlueKing's clients may reach the system, beyond what is usual here."""
    wanted = Compatibility(body.self_service, body.parameter_credentials)
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.blueking.compatibility.put(session, caller, system, wanted)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision))
