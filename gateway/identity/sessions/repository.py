from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.sessions.models import LoginSession
from gateway.identity.users.models import User


async def find_session(session: AsyncSession, token_sha256: str, now: datetime) -> tuple[LoginSession, User] | None:
    """The session that hasn't expired, with its user who is still active."""
    rows = await session.execute(
        select(LoginSession, User)
        .join(User, col(User.username) == col(LoginSession.username))
        .where(
            col(LoginSession.token_sha256) == token_sha256,
            col(LoginSession.expires_at) > now,
            col(User.is_active).is_(True),
        )
    )
    found = rows.one_or_none()
    return (found[0], found[1]) if found is not None else None


async def remove_session(session: AsyncSession, session_id: str) -> None:
    await session.execute(delete(LoginSession).where(col(LoginSession.id) == session_id))


async def remove_expired(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(LoginSession).where(col(LoginSession.expires_at) <= now))
