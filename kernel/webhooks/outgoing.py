"""Messages that are written with what they tell of, and sent later by whichever process comes first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from kernel.db.types import UtcDateTime
from kernel.ids import new_id
from kernel.webhooks.posting import Outcome

WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"


class Outgoing(SQLModel):
    """The columns of a message until it is taken or given up.

    Attributes:
        id: of the message; the same when it is sent again.
        state: waiting, delivered, or failed: tried for the last time.
        attempts: begun so far.
        next_attempt_at: whoever sends it puts this off first, so that nobody else does; none once it is settled.
        status: of the last answer of an address; none when there was none.
        problem: why the last attempt did not do.
    """

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    state: str = Field(default=WAITING, max_length=16)
    attempts: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status: int | None = None
    problem: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def settle(self, outcome: Outcome, now: datetime, following: datetime | None) -> None:
        """After an attempt.

        Args:
            following: when it is tried again if it was not taken; none gives it up.
        """
        self.status, self.problem = outcome.status, outcome.problem
        if not outcome.problem:
            self.state, self.delivered_at, self.next_attempt_at = DELIVERED, now, None
            return
        self.next_attempt_at = following
        if following is None:
            self.state = FAILED

    def repeat(self, now: datetime) -> None:
        """Has it sent once more, whatever came of it."""
        self.state, self.attempts, self.next_attempt_at = WAITING, 0, now


Message = TypeVar("Message", bound=Outgoing)


async def any_due(session: AsyncSession, table: type[Outgoing], now: datetime) -> bool:
    """Whether there is something to send: asked often, and without a write."""
    rows = await session.execute(select(col(table.id)).where(col(table.next_attempt_at) <= now).limit(1))
    return rows.scalar_one_or_none() is not None


async def claim_due(
    session: AsyncSession, table: type[Message], now: datetime, until: datetime, limit: int
) -> Sequence[Message]:
    """Takes what is due, the oldest first; until then nobody else takes it."""
    is_due = col(table.next_attempt_at) <= now
    due = select(col(table.id)).where(is_due).order_by(col(table.next_attempt_at)).limit(limit)
    rows = await session.execute(
        update(table)
        .where(col(table.id).in_(due), is_due)
        .values(next_attempt_at=until, attempts=col(table.attempts) + 1)
        .returning(table)
        .execution_options(synchronize_session=False)
    )
    return sorted(rows.scalars(), key=lambda message: message.id)
