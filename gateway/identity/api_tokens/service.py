from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest, new_credential
from gateway.identity.api_tokens.models import ApiToken
from gateway.identity.api_tokens.repository import find_owned, find_token, remove_token, tokens_page
from gateway.identity.last_use import LastUse
from gateway.identity.projects.repository import find_project
from gateway.identity.users.models import User
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Invalid, NotFound, PermissionDenied
from kernel.principal import Principal

PREFIX = "tlp_"


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """What a token is to be.

    Attributes:
        scopes: what of its owner's rights it carries; `None` is all.
        project: id or code of the only project in which it counts.
    """

    name: str
    expires_at: datetime | None = None
    scopes: tuple[str, ...] | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class OwnedToken:
    token: ApiToken
    owner: User
    is_admin: bool


class ApiTokenService:
    """A person's own tokens: nobody, not even an administrator, makes one for somebody else."""

    def __init__(self, clock: Clock, last_use: LastUse) -> None:
        self._clock = clock
        self._last_use = last_use

    async def create(
        self, session: AsyncSession, principal: Principal, username: str, order: TokenOrder
    ) -> tuple[ApiToken, str]:
        """The token's record and its value, which can't be read again.

        Raises:
            Invalid: it would be expired already, or there is no such project.
            PermissionDenied: asked by a token that is narrowed itself.
        """
        if principal.is_narrowed:
            raise PermissionDenied("An API token that is narrowed makes no other tokens; sign in to make one")
        now = self._clock.now()
        if order.expires_at is not None and order.expires_at <= now:
            raise Invalid.field("expires_at", "lies in the past", "Send a later time, or none")
        project = await find_project(session, order.project) if order.project is not None else None
        if order.project is not None and project is None:
            raise Invalid.field("project", f"there is no project {order.project}", "Send a project's id or code")
        value = new_credential(PREFIX)
        token = ApiToken(
            username=username,
            name=order.name,
            token_sha256=digest(value),
            scopes=sorted(set(order.scopes)) if order.scopes is not None else None,
            project_id=project.id if project is not None else None,
            created_at=now,
            expires_at=order.expires_at,
        )
        session.add(token)
        await session.flush()
        after = {"name": order.name, "scopes": token.scopes, "project": token.project_id}
        record(session, principal, "api_token.created", "api_token", token.id, after=after)
        return token, value

    async def find(self, session: AsyncSession, value: str) -> OwnedToken | None:
        """The token that still counts; that it was used is noted."""
        now = self._clock.now()
        found = await find_owned(session, digest(value), now)
        if found is None:
            return None
        self._last_use.of_token(found[0].id, now)
        return OwnedToken(*found)

    async def browse(self, session: AsyncSession, principal: Principal, page: PageRequest) -> PageOf[ApiToken]:
        return await tokens_page(session, principal.id, page)

    async def delete(self, session: AsyncSession, principal: Principal, token_id: str) -> None:
        token = await find_token(session, token_id)
        if token is None or token.username != principal.id:
            raise NotFound(f"You have no API token {token_id}")
        if principal.is_narrowed:
            raise PermissionDenied("An API token that is narrowed deletes no tokens; sign in to do so")
        await remove_token(session, token_id)
        record(session, principal, "api_token.deleted", "api_token", token_id, before={"name": token.name})
