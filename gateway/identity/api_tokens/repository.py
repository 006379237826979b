from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.api_tokens.models import ApiToken
from gateway.identity.users.models import User
from kernel.db.pages import PageOf, PageRequest, read_page


async def owner_of(session: AsyncSession, token_sha256: str, now: datetime) -> User | None:
    """The active user whose unexpired token this is."""
    rows = await session.execute(
        select(User)
        .join(ApiToken, col(ApiToken.username) == col(User.username))
        .where(
            col(ApiToken.token_sha256) == token_sha256,
            or_(col(ApiToken.expires_at).is_(None), col(ApiToken.expires_at) > now),
            col(User.is_active).is_(True),
        )
    )
    return rows.scalar_one_or_none()


async def tokens_page(session: AsyncSession, username: str, page: PageRequest) -> PageOf[ApiToken]:
    statement = select(ApiToken).where(col(ApiToken.username) == username)
    return await read_page(session, statement, col(ApiToken.id), page)


async def find_token(session: AsyncSession, token_id: str) -> ApiToken | None:
    return await session.get(ApiToken, token_id)


async def remove_token(session: AsyncSession, token_id: str) -> None:
    await session.execute(delete(ApiToken).where(col(ApiToken.id) == token_id))
