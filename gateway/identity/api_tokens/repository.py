from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.api_tokens.models import ApiToken
from gateway.identity.authorization.repository import holds_admin
from gateway.identity.users.models import User
from kernel.db.pages import PageOf, PageRequest, read_page

_OWNED: Final = (
    select(ApiToken, User, holds_admin(col(User.username)))
    .join(User, col(ApiToken.username) == col(User.username))
    .where(
        col(ApiToken.token_sha256) == bindparam("token_sha256"),
        or_(col(ApiToken.expires_at).is_(None), col(ApiToken.expires_at) > bindparam("now")),
        col(User.is_active).is_(True),
    )
)


async def find_owned(session: AsyncSession, token_sha256: str, now: datetime) -> tuple[ApiToken, User, bool] | None:
    """The unexpired token, the active user whose it is, and whether he is administrator."""
    found = (await session.execute(_OWNED, {"token_sha256": token_sha256, "now": now})).one_or_none()
    return (found[0], found[1], found[2]) if found is not None else None


async def tokens_page(session: AsyncSession, username: str, page: PageRequest) -> PageOf[ApiToken]:
    statement = select(ApiToken).where(col(ApiToken.username) == username)
    return await read_page(session, statement, col(ApiToken.id), page)


async def find_token(session: AsyncSession, token_id: str) -> ApiToken | None:
    return await session.get(ApiToken, token_id)


async def remove_token(session: AsyncSession, token_id: str) -> None:
    await session.execute(delete(ApiToken).where(col(ApiToken.id) == token_id))


async def remove_tokens_of(session: AsyncSession, username: str) -> None:
    await session.execute(delete(ApiToken).where(col(ApiToken.username) == username))


async def note_used(session: AsyncSession, used: Mapping[str, datetime]) -> None:
    """Token id → when it was last used."""
    for token_id, moment in sorted(used.items()):
        await session.execute(update(ApiToken).where(col(ApiToken.id) == token_id).values(last_used_at=moment))
