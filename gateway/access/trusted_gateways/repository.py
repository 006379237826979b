from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.access.trusted_gateways.models import TrustedGateway


async def trusted_gateways(session: AsyncSession) -> list[TrustedGateway]:
    """All, by their key ids."""
    rows = await session.execute(select(TrustedGateway).order_by(col(TrustedGateway.kid)))
    return list(rows.scalars())


async def find_trusted_gateway(session: AsyncSession, kid: str) -> TrustedGateway | None:
    rows = await session.execute(select(TrustedGateway).where(col(TrustedGateway.kid) == kid))
    return rows.scalar_one_or_none()
