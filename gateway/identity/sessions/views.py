from fastapi import Request

from gateway.identity.authorization.repository import roles_on
from gateway.identity.sessions.models import LoginSession
from gateway.identity.sessions.schemas import OpenSessionView, SessionProject, SessionUser, SessionView
from gateway.identity.sessions.service import COOKIE, LiveSession
from gateway.identity.users.models import User
from gateway.services import GatewayServices
from kernel.contracts.authorizer import PLATFORM
from kernel.db.pages import PageOf
from kernel.http.pages import Page


async def session_view(gateway: GatewayServices, login: LoginSession, user: User) -> SessionView:
    """What the console needs to know of who is signed in."""
    async with gateway.database.reading() as session:
        memberships = await gateway.identity.projects.memberships(session, user.username)
        held = await roles_on(session, user.username, [PLATFORM])
    platform_roles = sorted({each.role for each in held})
    return SessionView(
        user=SessionUser(
            username=user.username,
            display_name=user.display_name,
            is_admin="admin" in platform_roles,
            platform_roles=platform_roles,
            must_change_password=user.must_change_password,
            language=user.language,
        ),
        projects=[
            SessionProject(id=project.id, code=project.code, name=project.name, roles=roles)
            for project, roles in memberships
        ],
        csrf_token=login.csrf_token,
    )


def open_sessions(found: PageOf[LoginSession], current: LiveSession | None) -> Page[OpenSessionView]:
    current_id = current.session.id if current is not None else None
    items = [
        OpenSessionView(
            id=each.id,
            method=each.method,
            ip=each.ip,
            agent=each.agent,
            created_at=each.created_at,
            last_seen_at=each.last_seen_at,
            expires_at=each.expires_at,
            is_current=each.id == current_id,
        )
        for each in found.items
    ]
    return Page(items=items, next=found.next)


def cookie_of(request: Request) -> str:
    return request.cookies.get(COOKIE, "")
