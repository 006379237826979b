from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.db.pages import PageOf, PageRequest, read_page
from kernel.errors import NotFound
from kernel.ids import is_id, new_id
from orchestrator.triggers.models import InventoryFeed, Trigger, TriggerRun

INVENTORY = "inventory"
WEBHOOK = "webhook"
SINCE = "@"
"""How a cursor begins that is a time, in seconds since 1970."""


async def find_trigger(session: AsyncSession, trigger_id: str, *, lock: bool = False) -> Trigger | None:
    if not is_id(trigger_id):
        return None
    statement = select(Trigger).where(col(Trigger.id) == trigger_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def require_trigger(session: AsyncSession, trigger_id: str, *, lock: bool = False) -> Trigger:
    """Raises:
    NotFound: no such trigger.
    """
    found = await find_trigger(session, trigger_id, lock=lock)
    if found is None:
        raise NotFound(f"There is no trigger {trigger_id!r}")
    return found


async def list_triggers(session: AsyncSession, where: ColumnElement[bool], page: PageRequest) -> PageOf[Trigger]:
    return await read_page(session, select(Trigger).where(where), col(Trigger.id), page, newest_first=True)


async def count_in_project(session: AsyncSession, project_id: str) -> int:
    counted = select(func.count()).select_from(Trigger).where(col(Trigger.project_id) == project_id)
    return (await session.execute(counted)).scalar_one()


async def remove(session: AsyncSession, trigger: Trigger) -> None:
    await session.execute(delete(TriggerRun).where(col(TriggerRun.trigger_id) == trigger.id))
    await session.delete(trigger)


async def runs_page(session: AsyncSession, trigger_id: str, page: PageRequest) -> PageOf[TriggerRun]:
    statement = select(TriggerRun).where(col(TriggerRun.trigger_id) == trigger_id)
    return await read_page(session, statement, col(TriggerRun.id), page, newest_first=True)


async def last_runs(session: AsyncSession, trigger_ids: Collection[str]) -> dict[str, TriggerRun]:
    """Trigger → its newest run, where it has any."""
    newest = select(func.max(TriggerRun.id)).where(col(TriggerRun.trigger_id).in_(trigger_ids))
    newest = newest.group_by(col(TriggerRun.trigger_id))
    rows = (await session.execute(select(TriggerRun).where(col(TriggerRun.id).in_(newest)))).scalars()
    return {run.trigger_id: run for run in rows}


async def find_run(session: AsyncSession, trigger_id: str, key: str) -> TriggerRun | None:
    statement = select(TriggerRun).where(col(TriggerRun.trigger_id) == trigger_id, col(TriggerRun.key) == key)
    return (await session.execute(statement)).scalar_one_or_none()


async def claim_run(session: AsyncSession, trigger_id: str, key: str, now: datetime) -> tuple[TriggerRun, bool]:
    """The row for what came, and whether it is new. Of two at once the second waits for the first."""
    postgres = session.get_bind().dialect.name == "postgresql"
    build = postgresql.insert if postgres else sqlite.insert
    values = {"id": new_id(), "trigger_id": trigger_id, "key": key, "at": now, "outcome": "", "reason": ""}
    statement = build(TriggerRun).values(values).on_conflict_do_nothing().returning(col(TriggerRun.id))
    is_new = (await session.execute(statement)).first() is not None
    found = select(TriggerRun).where(col(TriggerRun.trigger_id) == trigger_id, col(TriggerRun.key) == key)
    return (await session.execute(found)).scalar_one(), is_new


async def count_runs_since(session: AsyncSession, trigger_id: str, moment: datetime) -> int:
    counted = select(func.count()).select_from(TriggerRun)
    counted = counted.where(col(TriggerRun.trigger_id) == trigger_id, col(TriggerRun.at) > moment)
    return (await session.execute(counted)).scalar_one()


async def forget_runs(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(TriggerRun).where(col(TriggerRun.at) < before))


async def wanted_feeds(session: AsyncSession) -> set[tuple[str, str]]:
    """(project, resource) of every trigger that waits for changes of the inventory."""
    statement = select(Trigger.project_id, Trigger.resource).where(
        col(Trigger.kind) == INVENTORY, col(Trigger.enabled).is_(True)
    )
    return {(project_id, resource) for project_id, resource in await session.execute(statement.distinct())}


async def triggers_of_feed(session: AsyncSession, project_id: str, resource: str) -> Sequence[Trigger]:
    statement = select(Trigger).where(
        col(Trigger.kind) == INVENTORY,
        col(Trigger.project_id) == project_id,
        col(Trigger.resource) == resource,
        col(Trigger.enabled).is_(True),
    )
    return (await session.execute(statement.order_by(col(Trigger.id)))).scalars().all()


def since(moment: datetime) -> str:
    """A cursor that stands for a time."""
    return f"{SINCE}{int(moment.timestamp())}"


async def begin_feed(session: AsyncSession, project_id: str, resource: str, now: datetime) -> None:
    """Makes a feed where there is none; it begins with what happens from then on, see `since`."""
    postgres = session.get_bind().dialect.name == "postgresql"
    build = postgresql.insert if postgres else sqlite.insert
    values = {"project_id": project_id, "resource": resource, "cursor": since(now), "watcher": "", "problem": ""}
    await session.execute(build(InventoryFeed).values({**values, "watched_until": now}).on_conflict_do_nothing())


async def take_feed(
    session: AsyncSession, project_id: str, resource: str, watcher: str, now: datetime, until: datetime
) -> InventoryFeed | None:
    """The feed for one look; none while another process looks."""
    statement = (
        update(InventoryFeed)
        .where(
            col(InventoryFeed.project_id) == project_id,
            col(InventoryFeed.resource) == resource,
            or_(col(InventoryFeed.watcher) == watcher, col(InventoryFeed.watched_until) <= now),
        )
        .values(watcher=watcher, watched_until=until)
        .returning(InventoryFeed)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_feed(
    session: AsyncSession, project_id: str, resource: str, *, lock: bool = False
) -> InventoryFeed | None:
    statement = select(InventoryFeed).where(
        col(InventoryFeed.project_id) == project_id, col(InventoryFeed.resource) == resource
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def feed_problems(session: AsyncSession, project_ids: Collection[str]) -> dict[tuple[str, str], str]:
    statement = select(InventoryFeed).where(col(InventoryFeed.project_id).in_(project_ids))
    feeds = (await session.execute(statement)).scalars()
    return {(feed.project_id, feed.resource): feed.problem for feed in feeds}


async def end_unwanted_feeds(session: AsyncSession) -> None:
    """So that a trigger that is switched on later begins with what happens then."""
    wanted = select(Trigger.id).where(
        col(Trigger.kind) == INVENTORY,
        col(Trigger.enabled).is_(True),
        col(Trigger.project_id) == col(InventoryFeed.project_id),
        col(Trigger.resource) == col(InventoryFeed.resource),
    )
    await session.execute(delete(InventoryFeed).where(~wanted.exists()).execution_options(synchronize_session=False))
