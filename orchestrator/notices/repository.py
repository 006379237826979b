from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, and_, bindparam, cast, delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.db.pages import PageOf, PageRequest, read_page
from kernel.ids import is_id
from orchestrator.engine.states import NodeState
from orchestrator.flows.models import FlowRow
from orchestrator.notices.models import FlowNotices, FlowWebhook, Notice, NoticeGroup
from orchestrator.runtime.models import NodeRun, Task

WAITING = "waiting"
"""Of a node: for a person."""
UNSIGNED: Final = "unsigned"
TO_ADDRESSES: Final = ("webhook", UNSIGNED)
"""Kinds of notices that no people get."""
_SETTINGS: Final = (
    select(FlowNotices)
    .where(col(FlowNotices.flow_id) == bindparam("flow_id"))
    .execution_options(populate_existing=True)
)
_TELLING: Final = (
    select(FlowNotices, col(FlowWebhook.flow_id))
    .select_from(FlowRow)
    .outerjoin(FlowNotices, col(FlowNotices.flow_id) == col(FlowRow.id))
    .outerjoin(FlowWebhook, col(FlowWebhook.flow_id) == col(FlowRow.id))
    .where(col(FlowRow.id) == bindparam("flow_id"))
    .execution_options(populate_existing=True)
)


async def find_settings(session: AsyncSession, flow_id: str) -> FlowNotices | None:
    return (await session.execute(_SETTINGS, {"flow_id": flow_id})).scalar_one_or_none()


async def find_telling(session: AsyncSession, flow_id: str) -> tuple[FlowNotices | None, bool]:
    """As `find_settings`, and whether the flow has a webhook."""
    found = (await session.execute(_TELLING, {"flow_id": flow_id})).first()
    return (None, False) if found is None else (found[0], found[1] is not None)


async def find_webhook(session: AsyncSession, flow_id: str) -> FlowWebhook | None:
    return await session.get(FlowWebhook, flow_id, populate_existing=True)


async def sent_of(session: AsyncSession, task: Task) -> Sequence[Notice]:
    """What addresses were sent of a task, or are to be; the oldest first."""
    statement = (
        select(Notice)
        .where(col(Notice.flow_id) == task.flow_id, col(Notice.task_id) == task.id, col(Notice.kind).in_(TO_ADDRESSES))
        .order_by(col(Notice.id))
    )
    return (await session.execute(statement)).scalars().all()


async def settings_of(session: AsyncSession, flow_ids: Collection[str]) -> dict[str, FlowNotices]:
    """Flow → who is told; flows of which nobody is told are absent."""
    statement = select(FlowNotices).where(col(FlowNotices.flow_id).in_(flow_ids))
    return {each.flow_id: each for each in (await session.execute(statement)).scalars()}


async def groups_of(session: AsyncSession, project_id: str) -> Sequence[NoticeGroup]:
    statement = select(NoticeGroup).where(col(NoticeGroup.project_id) == project_id).order_by(col(NoticeGroup.name))
    return (await session.execute(statement)).scalars().all()


async def find_group(session: AsyncSession, project_id: str, name: str) -> NoticeGroup | None:
    return await session.get(NoticeGroup, (project_id, name))


async def hold_group(session: AsyncSession, project_id: str, name: str) -> tuple[NoticeGroup, bool]:
    """The group, made where there is none, held until the transaction ends; and whether it is new."""
    postgres = session.get_bind().dialect.name == "postgresql"
    build = postgresql.insert if postgres else sqlite.insert
    values = {"project_id": project_id, "name": name, "people": []}
    making = build(NoticeGroup).values(values).on_conflict_do_nothing().returning(col(NoticeGroup.name))
    is_new = (await session.execute(making)).first() is not None
    statement = select(NoticeGroup).where(col(NoticeGroup.project_id) == project_id, col(NoticeGroup.name) == name)
    held = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(held)).scalar_one(), is_new


async def changed_tasks(session: AsyncSession, limit: int) -> Sequence[Task]:
    """Tasks that somebody is told of, whose state is another than was told last."""
    statement = select(Task).where(col(Task.told).is_not(None), col(Task.told) != col(Task.state)).limit(limit)
    return (await session.execute(statement)).scalars().all()


async def note_told(session: AsyncSession, task: Task, told: str | None) -> bool:
    """False when the task has moved on, or another process was first."""
    statement = (
        update(Task)
        .where(col(Task.id) == task.id, col(Task.told) == task.told, col(Task.state) == task.state)
        .values(told=told)
        .returning(col(Task.id))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).first() is not None


async def waiting_runs(
    session: AsyncSession, task_ids: Collection[str] | None, limit: int
) -> Sequence[tuple[Task, NodeRun]]:
    """Nodes that wait for a person, of which somebody wants to be told and was not yet.

    Args:
        task_ids: only of these tasks.
    """
    told = select(Notice.id).where(
        col(Notice.task_id) == col(Task.id),
        col(Notice.key).startswith(key_of(WAITING, col(NodeRun.id), ""), autoescape=False),
    )
    events, people, groups = (
        cast(column, Text) for column in (col(FlowNotices.events), col(FlowNotices.people), col(FlowNotices.groups))
    )
    names_somebody = or_(
        col(FlowNotices.launcher).is_(True), col(FlowNotices.url) != "", people != "[]", groups != "[]"
    )
    statement = (
        select(Task, NodeRun)
        .join(NodeRun, col(NodeRun.task_id) == col(Task.id))
        .outerjoin(FlowNotices, col(FlowNotices.flow_id) == col(Task.flow_id))
        .where(
            col(Task.told).is_not(None),
            col(NodeRun.state) == NodeState.WAITING_DECISION.value,
            or_(col(Task.callback_url) != "", and_(events.contains(f'"{WAITING}"'), names_somebody)),
            ~told.exists(),
        )
        .limit(limit)
    )
    if task_ids is not None:
        statement = statement.where(col(Task.id).in_(task_ids))
    return [(task, run) for task, run in await session.execute(statement)]


def key_of(event: str, about: Any, whom: str) -> Any:
    """What names a notice."""
    return event + ":" + about + ":" + whom


async def add(session: AsyncSession, notices: Sequence[Notice]) -> None:
    """Those that aren't there yet."""
    postgres = session.get_bind().dialect.name == "postgresql"
    build = postgresql.insert if postgres else sqlite.insert
    for notice in notices:
        await session.execute(build(Notice).values(notice.model_dump()).on_conflict_do_nothing())


async def find_notice(session: AsyncSession, notice_id: str, *, lock: bool = False) -> Notice | None:
    if not is_id(notice_id):
        return None
    statement = select(Notice).where(col(Notice.id) == notice_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def notices_page(session: AsyncSession, flow_id: str, project_id: str, page: PageRequest) -> PageOf[Notice]:
    """Of a flow in its own project: others that it is shared with have their own."""
    statement = select(Notice).where(col(Notice.flow_id) == flow_id, col(Notice.project_id) == project_id)
    return await read_page(session, statement, col(Notice.id), page, newest_first=True)


async def forget_notices(session: AsyncSession, before: datetime) -> None:
    settled = (col(Notice.next_attempt_at).is_(None), col(Notice.created_at) < before)
    await session.execute(delete(Notice).where(*settled))
