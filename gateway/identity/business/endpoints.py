from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import ProjectPath
from gateway.identity.business.schemas import BusinessInput, BusinessView
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/projects/{project}/business", tags=["projects"], route_class=StrictJsonRoute)


@router.get("")
async def get_project_business(
    project: ProjectPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> BusinessView | None:
    """The CMDB business whose roles are synchronised into the project; null where it belongs to none."""
    found = await gateway.business.find(session, principal, project)
    return None if found is None else BusinessView.model_validate(found)


@router.put("")
async def bind_project_business(
    project: ProjectPath, body: BusinessInput, caller: CallerDep, gateway: GatewayDep
) -> BusinessView:
    """Binds the project to a business, applies for the grant that reading it needs, and synchronises at once."""
    async with gateway.database.unit_of_work() as session:
        await gateway.business.bind(
            session, caller, project, body.bk_biz_id, {str(field): role for field, role in body.roles.items()}
        )
    return BusinessView.model_validate(await gateway.business.synchronise_now(caller, project))


@router.delete("", status_code=204)
async def unbind_project_business(
    project: ProjectPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    """The roles that came from the business go with it; those given by hand stay."""
    await gateway.business.unbind(session, principal, project)


@router.post(":synchronise")
async def synchronise_project_business(project: ProjectPath, caller: CallerDep, gateway: GatewayDep) -> BusinessView:
    return BusinessView.model_validate(await gateway.business.synchronise_now(caller, project))
