from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.oauth.exchanges.models import ExchangePermission


async def find_permission(session: AsyncSession, app_code: str, exchanger: str) -> ExchangePermission | None:
    return await session.get(ExchangePermission, (app_code, exchanger))


async def permissions_of(session: AsyncSession, app_code: str) -> list[ExchangePermission]:
    """Who may exchange the app's tokens."""
    rows = await session.execute(
        select(ExchangePermission)
        .where(col(ExchangePermission.app_code) == app_code)
        .order_by(col(ExchangePermission.exchanger))
    )
    return list(rows.scalars())
