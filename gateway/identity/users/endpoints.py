from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.identity.users.schemas import NewUser, UserView
from kernel.contracts.authorizer import PLATFORM, Action
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/users", tags=["users"], route_class=StrictJsonRoute)


@router.get("")
async def list_users(
    session: SessionDep, principal: PrincipalDep, page: PageDep, gateway: GatewayDep
) -> Page[UserView]:
    found = await gateway.users.browse(session, principal, page)
    return Page(items=[UserView.model_validate(user) for user in found.items], next=found.next)


@router.post("", status_code=201)
async def create_user(body: NewUser, caller: CallerDep, gateway: GatewayDep) -> UserView:
    async with gateway.database.reading() as session:
        await gateway.authorizer.require(session, caller, Action.PLATFORM_ADMINISTER, PLATFORM)
    # Hashing takes its time; no transaction waits for it.
    password_hash = await gateway.passwords.hash(body.password.get_secret_value())
    async with gateway.database.unit_of_work() as session:
        user = await gateway.users.create(
            session,
            caller,
            username=body.username,
            password_hash=password_hash,
            display_name=body.display_name,
            is_admin=body.is_admin,
            language=body.language,
        )
    return UserView.model_validate(user)
