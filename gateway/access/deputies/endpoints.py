from fastapi import APIRouter

from gateway.access.deputies.schemas import DeputyInput, DeputyView
from gateway.dependencies import GatewayDep
from gateway.fields import SystemPath, UsernamePath
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/deputies", tags=["grants"], route_class=StrictJsonRoute)


@router.get("")
async def list_deputies(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[DeputyView]:
    found = await gateway.access.deputies.browse(session, principal, system)
    return Page(items=[DeputyView.model_validate(deputy) for deputy in found])


@router.put("/{username}")
async def name_deputy(
    system: SystemPath,
    username: UsernamePath,
    body: DeputyInput,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
) -> DeputyView:
    """Has a person decide on the system's grants in its owner's place, for a time."""
    deputies = gateway.access.deputies
    deputy = await deputies.name(session, principal, system, username, body.starts_at, body.ends_at)
    return DeputyView.model_validate(deputy)


@router.delete("/{username}", status_code=204)
async def dismiss_deputy(
    system: SystemPath, username: UsernamePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    await gateway.access.deputies.dismiss(session, principal, system, username)
