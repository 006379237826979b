"""A person's own account."""

from fastapi import APIRouter, Request

from gateway.dependencies import CallerDep, GatewayDep
from gateway.identity.account.schemas import AccountView
from gateway.identity.authorization.repository import roles_on
from gateway.identity.role_bindings.schemas import HeldRoleView
from gateway.identity.sessions.views import cookie_of
from gateway.identity.users.endpoints import view
from gateway.identity.users.repository import is_administrator
from gateway.identity.users.schemas import PasswordChange, UserChange, UserView
from gateway.identity.users.service import Person, existing
from kernel.contracts.authorizer import PLATFORM
from kernel.errors import PermissionDenied
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/account", tags=["account"], route_class=StrictJsonRoute)


@router.get("")
async def get_account(session: SessionDep, principal: PrincipalDep) -> AccountView:
    user = await existing(session, principal.id)
    person = Person(user, await is_administrator(session, principal.id))
    held = await roles_on(session, principal.id, [PLATFORM])
    return AccountView(**view(person).model_dump(), platform_roles=[HeldRoleView.of(each) for each in held])


@router.patch("")
async def change_account(
    body: UserChange, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> UserView:
    changed = body.changes()
    return view(await gateway.identity.users.change(session, principal, principal.id, **changed))


@router.put("/password", status_code=204)
async def change_password(body: PasswordChange, request: Request, caller: CallerDep, gateway: GatewayDep) -> None:
    """Needs a session: who holds an API token alone can't take the account over. The person's other sessions end."""
    async with gateway.database.reading() as session:
        current = await gateway.identity.sessions.find(session, cookie_of(request))
    if current is None or current.user.username != caller.id:
        raise PermissionDenied("A password is changed by who is signed in, not with an API token")
    await gateway.identity.password_changes.change_own(
        caller, current.session.id, body.old_password.get_secret_value(), body.new_password.get_secret_value()
    )
