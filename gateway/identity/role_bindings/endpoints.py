from typing import Annotated

from fastapi import APIRouter, Query

from gateway.dependencies import GatewayDep
from gateway.identity.resources import written
from gateway.identity.role_bindings.schemas import HeldRoleView, PersonRolesView, RolesOfPerson, RolesView
from gateway.identity.roles import ROLES
from gateway.identity.users.repository import display_names
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/roles", tags=["roles"], route_class=StrictJsonRoute)

ResourceQuery = Annotated[
    str,
    Query(
        max_length=200,
        pattern=r"^[a-z_]+(:[A-Za-z0-9_-]+)?$",
        description="`platform`, or `system:`, `app:`, `project:`, `flow:`, `mini_app:` or `task:` and its id",
    ),
]


@router.get("")
async def list_roles(
    resource: ResourceQuery, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> RolesView:
    """Who holds which roles on the resource itself, and where each comes from."""
    found, people = await gateway.identity.role_bindings.browse(session, principal, resource)
    names = await display_names(session, people)
    items = [
        PersonRolesView(
            username=username, display_name=names.get(username, ""), roles=[HeldRoleView.of(each) for each in roles]
        )
        for username, roles in people.items()
    ]
    return RolesView(resource=written(found), offered=list(ROLES[found.kind]), items=items)


@router.put("")
async def set_roles(
    resource: ResourceQuery, body: RolesOfPerson, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> PersonRolesView:
    """Makes these the roles that the person holds by hand; what comes from elsewhere stays."""
    held = await gateway.identity.role_bindings.set_by_name(
        session, principal, resource, body.username, frozenset(body.roles)
    )
    names = await display_names(session, [body.username])
    return PersonRolesView(
        username=body.username,
        display_name=names.get(body.username, ""),
        roles=[HeldRoleView.of(each) for each in held],
    )
