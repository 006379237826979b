"""Limits of a channel and of each receiver: what is too much now waits until it is due, nothing is refused.

The generic cell rate algorithm (ITU-T I.371): a limit of n in a period lets n pass at once and then one every n-th part
of the period. All that is kept for a limit is when its next would be due if they came evenly.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.notify.service.channels.book import Channel
from adapters.notify.service.models import Pace

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class Pacer:
    async def admit(self, session: AsyncSession, channel: Channel, receiver: str, now: datetime) -> datetime | None:
        """None when a message may go to the receiver now, which is then counted; else when it may be tried again."""
        limits = channel.limits
        rules = [
            (f"receiver:{channel.msg_type}:{receiver}", limits.per_receiver_per_hour, _HOUR),
            (f"channel:{channel.msg_type}", limits.per_minute, _MINUTE),
        ]
        paces = [
            (await self._locked(session, key, now), period / number, period) for key, number, period in rules if number
        ]
        waits = [max(pace.due_at, now) + step - period for pace, step, period in paces]
        latest = max(waits, default=now)
        if latest > now:
            return latest
        for pace, step, _ in paces:
            pace.due_at = max(pace.due_at, now) + step
        return None

    async def forget(self, session: AsyncSession, now: datetime) -> None:
        """Drops what no longer holds anything up."""
        await session.execute(delete(Pace).where(col(Pace.due_at) < now - _HOUR))

    async def _locked(self, session: AsyncSession, key: str, now: datetime) -> Pace:
        build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        await session.execute(build(Pace).values(key=key, due_at=now).on_conflict_do_nothing())
        return (await session.execute(select(Pace).where(col(Pace.key) == key).with_for_update())).scalar_one()
