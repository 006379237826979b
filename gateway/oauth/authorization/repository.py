from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.apps.models import App
from gateway.oauth.authorization.models import AuthorizationCode, Consent
from gateway.oauth.tokens.models import Authorization


async def find_code(session: AsyncSession, sha256: str) -> AuthorizationCode | None:
    return await session.get(AuthorizationCode, sha256)


async def redeem_code(session: AsyncSession, sha256: str, now: datetime) -> bool:
    """Whether it was unused until now; of several at once, one is told so."""
    result: CursorResult[Any] = await session.execute(  # type: ignore[assignment]  # what an UPDATE answers
        update(AuthorizationCode)
        .where(col(AuthorizationCode.sha256) == sha256, col(AuthorizationCode.redeemed_at).is_(None))
        .values(redeemed_at=now)
    )
    return result.rowcount == 1


async def remove_codes_of_past(session: AsyncSession) -> None:
    """Codes of authorizations that are forgotten."""
    known = select(col(Authorization.id))
    await session.execute(delete(AuthorizationCode).where(col(AuthorizationCode.authorization_id).not_in(known)))


async def find_consent(
    session: AsyncSession, username: str, app_code: str, *, for_update: bool = False
) -> Consent | None:
    statement = select(Consent).where(col(Consent.username) == username, col(Consent.app_code) == app_code)
    if for_update:
        statement = statement.with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def consents_of(session: AsyncSession, username: str) -> list[tuple[Consent, str]]:
    """With the apps' names."""
    rows = await session.execute(
        select(Consent, col(App.name))
        .join(App, col(App.app_code) == col(Consent.app_code))
        .where(col(Consent.username) == username)
        .order_by(col(Consent.id))
    )
    return [(consent, name) for consent, name in rows]
