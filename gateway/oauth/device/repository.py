from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.oauth.device.models import DeviceRequest


async def find_device_request(session: AsyncSession, sha256: str) -> DeviceRequest | None:
    return await session.get(DeviceRequest, sha256)


async def waiting_for(session: AsyncSession, user_code_sha256: str, now: datetime) -> DeviceRequest | None:
    """The request with that code, while it waits."""
    rows = await session.execute(
        select(DeviceRequest).where(
            col(DeviceRequest.user_code_sha256) == user_code_sha256,
            col(DeviceRequest.state) == "pending",
            col(DeviceRequest.expires_at) > now,
        )
    )
    return rows.scalar_one_or_none()


async def move_on(
    session: AsyncSession, sha256: str, before: str, after: str, authorization_id: str | None = None
) -> bool:
    """Whether the request was in the state `before` until now; of several at once, one is told so."""
    values = {"state": after} | ({"authorization_id": authorization_id} if authorization_id is not None else {})
    result: CursorResult[Any] = await session.execute(  # type: ignore[assignment]  # what an UPDATE answers
        update(DeviceRequest)
        .where(col(DeviceRequest.sha256) == sha256, col(DeviceRequest.state) == before)
        .values(**values)
    )
    return result.rowcount == 1


async def note_poll(session: AsyncSession, sha256: str, now: datetime, interval: int) -> None:
    await session.execute(
        update(DeviceRequest).where(col(DeviceRequest.sha256) == sha256).values(polled_at=now, interval=interval)
    )


async def remove_expired(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(DeviceRequest).where(col(DeviceRequest.expires_at) <= now))
