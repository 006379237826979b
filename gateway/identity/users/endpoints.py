from typing import Annotated

from fastapi import APIRouter, Query, Request

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import UsernamePath
from gateway.identity.users.schemas import (
    LinkedPassword,
    NewUser,
    PasswordReset,
    PasswordResetView,
    UserChange,
    UserView,
)
from gateway.identity.users.service import Person
from kernel.contracts.authorizer import PLATFORM, Action
from kernel.http.client_address import client_address
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/users", tags=["users"], route_class=StrictJsonRoute)
links_router = APIRouter(prefix="/password-links", tags=["users"], route_class=StrictJsonRoute)

Search = Annotated[
    str | None,
    Query(max_length=100, pattern=r"^[^\x00]*$", description="Part of the user name, the name or the address"),
]

Active = Annotated[bool | None, Query(description="Only those who may sign in, or only those who may not")]


@router.get("")
async def list_users(
    session: SessionDep,
    principal: PrincipalDep,
    page: PageDep,
    gateway: GatewayDep,
    search: Search = None,
    active: Active = None,
) -> Page[UserView]:
    found = await gateway.identity.users.browse(session, principal, page, search, active=active)
    return Page(items=[view(person) for person in found.items], next=found.next)


@router.post("", status_code=201)
async def create_user(body: NewUser, caller: CallerDep, gateway: GatewayDep) -> UserView:
    async with gateway.database.reading() as session:
        await gateway.authorizer.require(session, caller, Action.PLATFORM_ADMINISTER, PLATFORM)
    # Hashing takes its time; no transaction waits for it.
    password = body.password.get_secret_value() if body.password is not None else None
    password_hash = await gateway.identity.passwords.hash(password) if password is not None else None
    async with gateway.database.unit_of_work() as session:
        person = await gateway.identity.users.create(
            session,
            caller,
            username=body.username,
            password_hash=password_hash,
            display_name=body.display_name,
            email=body.email,
            is_admin=body.is_admin,
            language=body.language,
        )
    return view(person)


@router.get("/{username}")
async def get_user(
    username: UsernamePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> UserView:
    return view(await gateway.identity.users.get(session, principal, username))


@router.patch("/{username}")
async def change_user(
    username: UsernamePath, body: UserChange, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> UserView:
    changed = body.changes()
    return view(await gateway.identity.users.change(session, principal, username, **changed))


@router.post("/{username}:disable")
async def disable_user(
    username: UsernamePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> UserView:
    """Ends the person's sessions and deletes his API tokens at once."""
    return view(await gateway.identity.users.disable(session, principal, username))


@router.post("/{username}:enable")
async def enable_user(
    username: UsernamePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> UserView:
    return view(await gateway.identity.users.enable(session, principal, username))


@router.post("/{username}:reset-password")
async def reset_password(
    username: UsernamePath, body: PasswordReset, caller: CallerDep, gateway: GatewayDep
) -> PasswordResetView:
    if body.by == "temporary":
        password = await gateway.identity.password_changes.set_temporary(caller, username)
        return PasswordResetView(username=username, password=password)
    link = await gateway.identity.password_changes.issue_link(caller, username)
    # Behind the #, so that it reaches no server's log.
    url = f"{gateway.issuer}/set-password#{link.token}"
    return PasswordResetView(username=username, url=url, expires_at=link.expires_at)


@links_router.post(":redeem", status_code=204)
async def set_password_by_link(body: LinkedPassword, request: Request, gateway: GatewayDep) -> None:
    """For the person who was handed the link; nobody is signed in by it."""
    await gateway.identity.password_changes.set_by_link(
        body.token.get_secret_value(),
        body.password.get_secret_value(),
        ip=client_address(request, gateway.settings.trusted_proxies),
        request_id=getattr(request.state, "request_id", ""),
    )


def view(person: Person) -> UserView:
    user = person.user
    return UserView(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        email=user.email,
        is_admin=person.is_admin,
        is_active=user.is_active,
        has_password=user.password_hash is not None,
        must_change_password=user.must_change_password,
        language=user.language,
        created_at=user.created_at,
    )
