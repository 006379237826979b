from typing import Annotated

from fastapi import APIRouter, Query

from gateway.dependencies import GatewayDep
from gateway.fields import COMPONENT_NAME, SystemPath
from gateway.usage.recorder import KEPT_DAYS
from gateway.usage.schemas import UseView
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/usage", tags=["systems"], route_class=StrictJsonRoute)

DaysQuery = Annotated[int, Query(ge=1, le=KEPT_DAYS)]
ComponentQuery = Annotated[str | None, Query(pattern=COMPONENT_NAME)]


@router.get("")
async def get_usage(
    system: SystemPath,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
    days: DaysQuery = 30,
    component: ComponentQuery = None,
) -> Page[UseView]:
    """Which apps called which components over the last days, the most called first, at most 1,000 of them."""
    only = [component] if component is not None else None
    found = await gateway.usage.of_system(session, principal, system, days, only)
    return Page(items=[UseView.model_validate(use) for use in found])
