from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.db.pages import PageOf, PageRequest, read_page
from kernel.ids import new_id
from orchestrator.runtime.models import NodeRun, Task, TaskMessage
from orchestrator.runtime.rows import AWAITS_LOCK
from orchestrator.waiting.models import Event, EventDelivery
from orchestrator.waiting.turns import Claim

LOCK, EVENT = "lock", "event"
"""Kinds of messages that give a node run what it waits for."""
_GIVING = 0x7761_6974
"""PostgreSQL's advisory lock of whoever gives; SQLite's writers are alone anyhow."""
_AT_ONCE = 5_000


class Holder(NamedTuple):
    """A node that holds a lock."""

    task_id: str
    task_name: str
    node_id: str


class Match(NamedTuple):
    """A node run that waits, and the oldest event for it."""

    run_id: str
    task_id: str
    node_id: str
    event_id: str


class Given(NamedTuple):
    """What a node run waited for: its turn at a lock, or an event with its data."""

    task_id: str
    run_id: str
    data: Mapping[str, Any] | None


async def give_alone(session: AsyncSession) -> None:
    """From here to the end of the transaction nobody else gives locks or events."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(f"SELECT pg_advisory_xact_lock({_GIVING})"))


async def any_waits(session: AsyncSession) -> bool:
    """Whether anything waits for its lock, or an event is there for what waits."""
    for_lock = select(col(NodeRun.id)).where(col(NodeRun.awaits) == AWAITS_LOCK).limit(1)
    if (await session.execute(for_lock)).first() is not None:
        return True
    return (await session.execute(select(col(Event.id)).where(_awaited()).limit(1))).first() is not None


async def claims(session: AsyncSession) -> list[Claim]:
    """Of the locks that something waits for, in the order in which they were claimed; read by one statement."""
    wanted = select(col(NodeRun.lock_key)).where(col(NodeRun.awaits) == AWAITS_LOCK)
    waiting = (col(NodeRun.awaits) == AWAITS_LOCK) & ~_is_given(LOCK)
    chosen = (
        select(
            col(Task.project_id),
            col(NodeRun.lock_key),
            col(NodeRun.id),
            col(NodeRun.task_id),
            waiting,
            col(NodeRun.storage),
        )
        .join(Task, col(Task.id) == col(NodeRun.task_id))
        .where(col(NodeRun.lock_key).in_(wanted))
        .order_by(col(NodeRun.started_at), col(NodeRun.id))
        .limit(_AT_ONCE)
    )
    return [
        Claim(project, key or "", run, task, bool(waits), int((storage or {}).get("limit", 1)))
        for project, key, run, task, waits, storage in await session.execute(chosen)
    ]


async def matches(session: AsyncSession, now: datetime) -> list[Match]:
    """What waits for an event that is there, each with the oldest it has not had yet."""
    oldest = (
        select(func.min(col(Event.id)))
        .where(
            col(Event.project_id) == col(Task.project_id),
            col(Event.about) == col(NodeRun.awaits),
            col(Event.expires_at) >= now,
            ~_had(),
        )
        .correlate(Task, NodeRun)
        .scalar_subquery()
    )
    chosen = (
        select(col(NodeRun.id), col(NodeRun.task_id), col(NodeRun.node_id), oldest.label("event"))
        .join(Task, col(Task.id) == col(NodeRun.task_id))
        .where(col(NodeRun.awaits).in_(select(col(Event.about)).where(col(Event.expires_at) >= now)), ~_is_given(EVENT))
        .limit(_AT_ONCE)
    )
    return [Match(run, task, node, event) for run, task, node, event in await session.execute(chosen) if event]


async def find_events(session: AsyncSession, ids: Sequence[str]) -> dict[str, Event]:
    found = (await session.execute(select(Event).where(col(Event.id).in_(ids)))).scalars()
    return {event.id: event for event in found}


async def note_deliveries(session: AsyncSession, found: Iterable[Match], now: datetime) -> None:
    """That these node runs were given these events."""
    values = [
        {"event_id": match.event_id, "task_id": match.task_id, "node_id": match.node_id, "at": now} for match in found
    ]
    if values:
        await session.execute(insert(EventDelivery), values)


async def send(session: AsyncSession, kind: str, given: Iterable[Given], now: datetime) -> None:
    """The messages by which node runs learn of it, in one statement: thousands may have waited for one event."""
    values = [
        {
            "id": new_id(),
            "task_id": each.task_id,
            "run_id": each.run_id,
            "kind": kind,
            "data": each.data,
            "actor": "",
            "created_at": now,
        }
        for each in given
    ]
    if values:
        await session.execute(insert(TaskMessage), values)


async def find_given(session: AsyncSession, project_id: str, given_id: str) -> Event | None:
    chosen = select(Event).where(col(Event.project_id) == project_id, col(Event.given_id) == given_id)
    return (await session.execute(chosen)).scalar_one_or_none()


async def events_page(session: AsyncSession, project_id: str, page: PageRequest) -> PageOf[Event]:
    chosen = select(Event).where(col(Event.project_id) == project_id)
    return await read_page(session, chosen, col(Event.id), page, newest_first=True)


async def deliveries(session: AsyncSession, ids: Sequence[str]) -> list[EventDelivery]:
    chosen = select(EventDelivery).where(col(EventDelivery.event_id).in_(ids)).order_by(col(EventDelivery.at))
    return list((await session.execute(chosen)).scalars())


async def holders(session: AsyncSession, project_id: str, key: str) -> list[Holder]:
    """Who holds a lock, the first first."""
    chosen = (
        select(col(Task.id), col(Task.name), col(NodeRun.node_id))
        .join(NodeRun, col(NodeRun.task_id) == col(Task.id))
        .where(
            col(Task.project_id) == project_id,
            col(NodeRun.lock_key) == key,
            func.coalesce(col(NodeRun.awaits), "") != AWAITS_LOCK,
        )
        .order_by(col(NodeRun.started_at), col(NodeRun.id))
        .limit(100)
    )
    return [Holder(task, name, node) for task, name, node in await session.execute(chosen)]


async def forget_events(session: AsyncSession, now: datetime) -> None:
    """Lets events go whose time is over, and what tells who had them."""
    over = select(col(Event.id)).where(col(Event.expires_at) < now)
    await session.execute(delete(EventDelivery).where(col(EventDelivery.event_id).in_(over)))
    await session.execute(delete(Event).where(col(Event.expires_at) < now))


def _is_given(kind: str) -> ColumnElement[bool]:
    """Whether a message is on its way to the node run."""
    return exists().where(
        col(TaskMessage.task_id) == col(NodeRun.task_id),
        col(TaskMessage.run_id) == col(NodeRun.id),
        col(TaskMessage.kind) == kind,
        col(TaskMessage.settled_at).is_(None),
    )


def _awaited() -> ColumnElement[bool]:
    return col(Event.about).in_(select(col(NodeRun.awaits)).where(col(NodeRun.awaits).is_not(None)))


def _had() -> ColumnElement[bool]:
    """Whether the node was given the event before."""
    return exists().where(
        col(EventDelivery.event_id) == col(Event.id),
        col(EventDelivery.task_id) == col(NodeRun.task_id),
        col(EventDelivery.node_id) == col(NodeRun.node_id),
    )
