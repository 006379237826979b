"""An idempotency key kept with its effect: the same key never has a second effect.

The ledger's row is written in the transaction of the effect, so both stand or neither does. Two calls at once with the
same key meet at the row's primary key: the second waits for the first's commit and then finds its answer.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import Update, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from kernel.clock import Clock, utc_now
from kernel.db.types import JsonValue, UtcDateTime

MAX_KEY = 255
_KEPT = timedelta(days=30)
_PURGE_EVERY = 500


class IdempotencyRecord(SQLModel):
    """The columns of a ledger; each system has its own table of them.

    `answer` is empty while an effect that can't share a transaction (a mail) is under way; `owner` is the process
    that carries it out, `created_at` when it last said that it is at work.
    """

    caller: str = Field(primary_key=True, max_length=128)
    key: str = Field(primary_key=True, max_length=MAX_KEY)
    component: str = Field(max_length=128)
    request_digest: str = Field(max_length=64)
    answer: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    owner: str = Field(default="", max_length=255)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)


class KeyReused(Exception):
    """The key was first sent with another request."""


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A changing call that carries a key.

    Attributes:
        caller: the app that calls; keys of different callers don't meet.
    """

    caller: str
    key: str
    component: str
    digest: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier call with the same key left.

    Attributes:
        answer: none while its effect is under way, or when its process died in the middle.
        created_at: when it last said that it is at work.
    """

    answer: dict[str, Any] | None
    owner: str
    created_at: datetime


Record = TypeVar("Record", bound=IdempotencyRecord)


def request_digest(component: str, parameters: Mapping[str, Any]) -> str:
    """SHA-256 of what was asked for, whatever the order of its members."""
    text = json.dumps([component, parameters], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


class IdempotencyLedger(Generic[Record]):
    """Keys and first answers in one system's table, for 30 days."""

    def __init__(self, table: type[Record], clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._claims = 0

    async def claim(self, session: AsyncSession, request: KeyedRequest, owner: str = "") -> Earlier | None:
        """Takes the key in the caller's unit of work; none means it is ours and the effect may follow.

        Raises:
            KeyReused: the key stands for another request.
        """
        values = {
            "caller": request.caller,
            "key": request.key,
            "component": request.component,
            "request_digest": request.digest,
            "owner": owner,
            "created_at": self._clock.now(),
        }
        self._claims += 1
        if self._claims % _PURGE_EVERY == 0:
            old = col(self._table.created_at) < self._clock.now() - _KEPT
            await session.execute(delete(self._table).where(old))
        if await self._insert(session, values):
            return None
        row = (
            await session.execute(
                select(self._table).where(*self._is(request)).execution_options(populate_existing=True)
            )
        ).scalar_one()
        if row.request_digest != request.digest:
            raise KeyReused
        return Earlier(row.answer, row.owner, row.created_at)

    async def keep(self, session: AsyncSession, request: KeyedRequest, answer: dict[str, Any]) -> None:
        """Stores the first answer."""
        await session.execute(update(self._table).where(*self._is(request)).values(answer=answer))

    async def renew(self, session: AsyncSession, request: KeyedRequest, owner: str) -> bool:
        """Says that the effect is still under way; false when another process has taken it over."""
        mine = (*self._is(request), col(self._table.owner) == owner)
        values = {"created_at": self._clock.now()}
        return await self._changed(session, update(self._table).where(*mine).values(values))

    async def take_over(self, session: AsyncSession, request: KeyedRequest, seen: Earlier, owner: str) -> bool:
        """Makes an unfinished effect the new owner's; false when anybody was at work since it was `seen`."""
        unchanged = (
            *self._is(request),
            col(self._table.answer).is_(None),
            col(self._table.owner) == seen.owner,
            col(self._table.created_at) == seen.created_at,
        )
        values = {"owner": owner, "created_at": self._clock.now()}
        return await self._changed(session, update(self._table).where(*unchanged).values(values))

    async def look(self, session: AsyncSession, request: KeyedRequest) -> Earlier | None:
        row = (await session.execute(select(self._table).where(*self._is(request)))).scalar_one_or_none()
        return None if row is None else Earlier(row.answer, row.owner, row.created_at)

    async def _changed(self, session: AsyncSession, statement: Update) -> bool:
        return (await session.execute(statement.returning(col(self._table.key)))).first() is not None

    def _is(self, request: KeyedRequest) -> tuple[Any, Any]:
        return col(self._table.caller) == request.caller, col(self._table.key) == request.key

    async def _insert(self, session: AsyncSession, values: dict[str, Any]) -> bool:
        postgres = session.get_bind().dialect.name == "postgresql"
        build = postgresql.insert if postgres else sqlite.insert
        statement = build(self._table).values(values).on_conflict_do_nothing().returning(col(self._table.key))
        return (await session.execute(statement)).first() is not None
