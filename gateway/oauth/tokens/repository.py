from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.oauth.tokens.models import Authorization, RefreshToken, Revocation


async def find_authorization(session: AsyncSession, authorization_id: str) -> Authorization | None:
    return await session.get(Authorization, authorization_id)


async def extend_authorization(
    session: AsyncSession, authorization_id: str, tokens_expire_at: datetime, expires_at: datetime
) -> bool:
    """Notes how long its tokens hold; false when it has ended meanwhile. Until the commit nobody else can end it."""
    result: CursorResult[Any] = await session.execute(  # type: ignore[assignment]  # what an UPDATE answers
        update(Authorization)
        .where(col(Authorization.id) == authorization_id, col(Authorization.ended_at).is_(None))
        .values(tokens_expire_at=tokens_expire_at, expires_at=expires_at)
    )
    return result.rowcount == 1


async def end_authorizations(
    session: AsyncSession,
    now: datetime,
    *,
    authorization_id: str | None = None,
    username: str | None = None,
    app_code: str | None = None,
) -> list[Authorization]:
    """Ends what holds of those named, and answers it."""
    named = [
        column == value
        for column, value in (
            (col(Authorization.id), authorization_id),
            (col(Authorization.username), username),
            (col(Authorization.app_code), app_code),
        )
        if value is not None
    ]
    rows = await session.execute(
        update(Authorization)
        .where(*named, col(Authorization.ended_at).is_(None))
        .values(ended_at=now)
        .returning(Authorization)
    )
    return list(rows.scalars())


async def find_refresh_token(session: AsyncSession, sha256: str) -> RefreshToken | None:
    return await session.get(RefreshToken, sha256, populate_existing=True)


async def use_refresh_token(session: AsyncSession, sha256: str, now: datetime) -> bool:
    """Whether it was unused until now; of several at once, one is told so."""
    result: CursorResult[Any] = await session.execute(  # type: ignore[assignment]  # what an UPDATE answers
        update(RefreshToken)
        .where(col(RefreshToken.sha256) == sha256, col(RefreshToken.used_at).is_(None))
        .values(used_at=now)
    )
    return result.rowcount == 1


async def put_revocation(session: AsyncSession, revocation: Revocation) -> None:
    await session.merge(revocation)
    await session.flush()


async def revocations(session: AsyncSession) -> Sequence[Revocation]:
    rows = await session.execute(select(Revocation).order_by(col(Revocation.kind), col(Revocation.subject)))
    return rows.scalars().all()


async def any_past(session: AsyncSession, now: datetime) -> bool:
    """Whether `remove_past` would find anything."""
    kept = (RefreshToken, Authorization, Revocation)
    past = or_(*(exists().where(col(table.expires_at) <= now) for table in kept))
    return bool((await session.execute(select(past))).scalar_one())


async def remove_past(session: AsyncSession, now: datetime) -> int:
    """Forgets what can't hold any more; answers how many revocations were among it."""
    await session.execute(delete(RefreshToken).where(col(RefreshToken.expires_at) <= now))
    await session.execute(delete(Authorization).where(col(Authorization.expires_at) <= now))
    result: CursorResult[Any] = await session.execute(  # type: ignore[assignment]  # what a DELETE answers
        delete(Revocation).where(col(Revocation.expires_at) <= now)
    )
    return result.rowcount
