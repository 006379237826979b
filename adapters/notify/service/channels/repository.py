"""Reads channels."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.notify.service.channels.models import ChannelRow


class ChannelRepository:
    async def find(self, session: AsyncSession, msg_type: str) -> ChannelRow | None:
        return await session.get(ChannelRow, msg_type)

    async def all(self, session: AsyncSession) -> Sequence[ChannelRow]:
        return (await session.execute(select(ChannelRow).order_by(col(ChannelRow.msg_type)))).scalars().all()
