from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import digest, new_credential
from gateway.identity.api_tokens.models import ApiToken
from gateway.identity.api_tokens.repository import find_token, owner_of, remove_token, tokens_page
from gateway.identity.users.models import User
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Invalid, NotFound
from kernel.principal import Principal

PREFIX = "tlp_"


class ApiTokenService:
    """A person's own tokens: nobody, not even an administrator, makes one for somebody else."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def create(
        self, session: AsyncSession, principal: Principal, username: str, name: str, expires_at: datetime | None = None
    ) -> tuple[ApiToken, str]:
        """The token's record and its value, which can't be read again.

        Raises:
            Invalid: it would be expired already.
        """
        now = self._clock.now()
        if expires_at is not None and expires_at <= now:
            raise Invalid.field("expires_at", "lies in the past", "Send a later time, or none")
        value = new_credential(PREFIX)
        token = ApiToken(
            username=username, name=name, token_sha256=digest(value), created_at=now, expires_at=expires_at
        )
        session.add(token)
        await session.flush()
        record(session, principal, "api_token.created", "api_token", token.id, after={"name": name})
        return token, value

    async def owner_of(self, session: AsyncSession, value: str) -> User | None:
        return await owner_of(session, digest(value), self._clock.now())

    async def browse(self, session: AsyncSession, principal: Principal, page: PageRequest) -> PageOf[ApiToken]:
        return await tokens_page(session, principal.id, page)

    async def delete(self, session: AsyncSession, principal: Principal, token_id: str) -> None:
        token = await find_token(session, token_id)
        if token is None or token.username != principal.id:
            raise NotFound(f"You have no API token {token_id}")
        await remove_token(session, token_id)
        record(session, principal, "api_token.deleted", "api_token", token_id, before={"name": token.name})
