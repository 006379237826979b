from fastapi import APIRouter, Request, Response

from gateway.dependencies import GatewayDep
from gateway.identity.sessions.models import LoginSession
from gateway.identity.sessions.schemas import Credentials, SessionProject, SessionUser, SessionView
from gateway.identity.sessions.service import COOKIE
from gateway.identity.users.models import User
from gateway.services import GatewayServices
from kernel.errors import NotAuthenticated
from kernel.http.client_address import client_address
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/session", tags=["session"], route_class=StrictJsonRoute)


@router.post("")
async def sign_in(body: Credentials, request: Request, response: Response, gateway: GatewayDep) -> SessionView:
    signed_in = await gateway.sessions.sign_in(
        gateway.database,
        username=body.username,
        password=body.password.get_secret_value(),
        ip=client_address(request, gateway.settings.trusted_proxies),
        request_id=getattr(request.state, "request_id", ""),
    )
    response.set_cookie(
        COOKIE,
        signed_in.token,
        max_age=gateway.settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=gateway.settings.public_url.startswith("https://"),
    )
    response.headers["Cache-Control"] = "no-store"
    return await _view(gateway, signed_in.session, signed_in.user)


@router.get("")
async def current_session(
    request: Request, session: SessionDep, _principal: PrincipalDep, gateway: GatewayDep
) -> SessionView:
    found = await gateway.sessions.find(session, request.cookies.get(COOKIE, ""))
    if found is None:
        raise NotAuthenticated("There is no session; an API token needs none")
    return await _view(gateway, *found)


@router.delete("", status_code=204)
async def sign_out(
    request: Request, response: Response, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    await gateway.sessions.sign_out(session, principal, request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


async def _view(gateway: GatewayServices, login: LoginSession, user: User) -> SessionView:
    async with gateway.database.reading() as session:
        memberships = await gateway.projects.memberships(session, user.username)
    return SessionView(
        user=SessionUser.model_validate(user),
        projects=[
            SessionProject(id=project.id, code=project.code, name=project.name, roles=roles)
            for project, roles in memberships
        ],
        csrf_token=login.csrf_token,
    )
