from fastapi import APIRouter, Request, Response

from gateway.dependencies import GatewayDep
from gateway.fields import IdPath, UsernamePath
from gateway.identity.sessions.cookies import browser_of, set_cookies
from gateway.identity.sessions.schemas import Credentials, EndedSessions, OpenSessionView, SessionView
from gateway.identity.sessions.service import COOKIE
from gateway.identity.sessions.views import cookie_of, open_sessions, session_view
from kernel.errors import NotAuthenticated
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/session", tags=["session"], route_class=StrictJsonRoute)
sessions_router = APIRouter(prefix="/users/{username}/sessions", tags=["session"], route_class=StrictJsonRoute)


@router.post("")
async def sign_in(body: Credentials, request: Request, response: Response, gateway: GatewayDep) -> SessionView:
    signed_in = await gateway.identity.sessions.sign_in(
        gateway.database,
        browser_of(request, gateway.settings),
        username=body.username,
        password=body.password.get_secret_value(),
    )
    set_cookies(response, signed_in, gateway.settings)
    return await session_view(gateway, signed_in.session, signed_in.user)


@router.get("")
async def current_session(
    request: Request, session: SessionDep, _principal: PrincipalDep, gateway: GatewayDep
) -> SessionView:
    found = await gateway.identity.sessions.find(session, cookie_of(request))
    if found is None:
        raise NotAuthenticated("There is no session; an API token needs none")
    return await session_view(gateway, found.session, found.user)


@router.delete("", status_code=204)
async def sign_out(
    request: Request, response: Response, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    await gateway.identity.sessions.sign_out(session, principal, cookie_of(request))
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


@sessions_router.get("")
async def list_sessions(
    username: UsernamePath,
    request: Request,
    session: SessionDep,
    principal: PrincipalDep,
    page: PageDep,
    gateway: GatewayDep,
) -> Page[OpenSessionView]:
    """Where the person is signed in, the newest first: everybody sees his own, administrators anyone's."""
    found = await gateway.identity.sessions.browse(session, principal, username, page)
    return open_sessions(found, await gateway.identity.sessions.find(session, cookie_of(request)))


@sessions_router.delete("")
async def end_sessions(
    username: UsernamePath, request: Request, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> EndedSessions:
    """Ends all of the person's sessions but the one that asks."""
    current = await gateway.identity.sessions.find(session, cookie_of(request))
    but = current.session.id if current is not None else ""
    return EndedSessions(ended=await gateway.identity.sessions.end_all(session, principal, username, but=but))


@sessions_router.delete("/{session_id}", status_code=204)
async def end_session(
    username: UsernamePath, session_id: IdPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> None:
    await gateway.identity.sessions.end(session, principal, username, session_id)
