"""Tasks as the runtime left them, for reading."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol, cast

from sqlalchemy import ColumnElement, CursorResult, bindparam, or_, update
from sqlalchemy import select as select_columns
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlalchemy.orm.interfaces import ORMOption
from sqlmodel import col, select

from kernel.contracts.authorizer import Resource
from kernel.db.pages import PageOf, PageRequest, read_page
from kernel.errors import NotFound
from kernel.ids import is_id
from orchestrator.archive.repository import when_archived
from orchestrator.engine.states import LIVE, NodeState, TaskState
from orchestrator.flow.model import Kept
from orchestrator.flow.paths import ancestors, inside, present
from orchestrator.flows.resources import task_resource
from orchestrator.runtime.models import (
    NodeCall,
    NodeCancellation,
    NodeLog,
    NodeRun,
    Task,
    TaskDefinition,
    TaskMessage,
)
from orchestrator.tasks.errors import DefinitionMissing
from orchestrator.tasks.filters import TaskFilter, conditions


def _without(*columns: Any) -> list[ORMOption]:
    """Leaves columns of any size unread where a list does not show them."""
    return [defer(column) for column in columns]


_SUMMARY = _without(Task.inputs, Task.outputs, Task.progress, Task.scopes)
_RUN_SUMMARY = _without(NodeRun.inputs, NodeRun.outputs, NodeRun.storage)
_LEFT_BEHIND = frozenset({NodeState.FINISHED, NodeState.IGNORED, NodeState.SKIPPED, NodeState.NOT_TAKEN})
_TASK: Final = select(Task).where(col(Task.id) == bindparam("task_id")).execution_options(populate_existing=True)
_TASKS: Final = select(Task).where(col(Task.id).in_(bindparam("task_ids", expanding=True))).options(*_SUMMARY)
_DEFINITION: Final = select(TaskDefinition.document).where(col(TaskDefinition.id) == bindparam("definition_id"))
_LATEST_RUNS: Final = (
    select(NodeRun)
    .where(col(NodeRun.task_id) == bindparam("task_id"))
    .options(*_RUN_SUMMARY)
    .order_by(col(NodeRun.number))
    .execution_options(populate_existing=True)
)


async def find_task(session: AsyncSession, task_id: str) -> Task | None:
    if not is_id(task_id):
        return None
    return (await session.execute(_TASK, {"task_id": task_id})).scalar_one_or_none()


async def find_tasks(session: AsyncSession, task_ids: Sequence[str]) -> dict[str, Task]:
    """Id → task, of those there are; of each only what a summary shows."""
    return {task.id: task for task in (await session.execute(_TASKS, {"task_ids": task_ids})).scalars()}


async def launcher_of(session: AsyncSession, task_id: str) -> str | None:
    """None where there is no such task."""
    statement = select(Task.created_by).where(col(Task.id) == task_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def require_task(session: AsyncSession, task_id: str) -> Task:
    """Raises:
    NotFound: no such task.
    """
    task = await find_task(session, task_id)
    if task is not None:
        return task
    archived_at = await when_archived(session, task_id) if is_id(task_id) else None
    if archived_at is not None:
        where = f"read it at /v1/archived-tasks/{task_id}"
        raise NotFound(f"Task {task_id} went to the archive on {archived_at:%Y-%m-%d}: {where}")
    raise NotFound(f"There is no task {task_id!r}")


async def find_task_resource(session: AsyncSession, task_id: str) -> Resource | None:
    """A `kernel.contracts.resources.ResourceFinder`."""
    task = await find_task(session, task_id)
    return task_resource(task) if task is not None else None


async def let_begin(session: AsyncSession, task_id: str, at: datetime) -> bool:
    """Has a task begin that nobody has started; the one statement decides between two who start it at once."""
    return await _start(session, task_id, start_at=at)


async def let_wait(session: AsyncSession, task_id: str, at: datetime) -> bool:
    """As `let_begin`, of a task that a quota of its project holds."""
    return await _start(session, task_id, queued_at=at)


async def _start(session: AsyncSession, task_id: str, **values: datetime) -> bool:
    unstarted = col(Task.start_at).is_(None) & col(Task.queued_at).is_(None)
    statement = (
        update(Task)
        .where(col(Task.id) == task_id, col(Task.state) == TaskState.CREATED.value, unstarted)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount == 1


async def list_tasks(
    session: AsyncSession, where: ColumnElement[bool], wanted: TaskFilter, page: PageRequest
) -> PageOf[Task]:
    """The newest first; of each only what a summary shows."""
    statement = select(Task).where(where, *conditions(wanted)).options(*_SUMMARY)
    return await read_page(session, statement, col(Task.id), page, newest_first=True)


async def definition_of(session: AsyncSession, task: Task) -> dict[str, Any]:
    """Raises DefinitionMissing."""
    statement = await session.execute(_DEFINITION, {"definition_id": task.definition_id})
    document: dict[str, Any] | None = statement.scalar_one_or_none()
    if document is None:
        raise definition_lost(task)
    return document


def definition_lost(task: Task) -> DefinitionMissing:
    return DefinitionMissing(
        f"What task {task.id} ran by is stored no more, so it can't be shown; its history still can "
        f"(GET /v1/tasks/{task.id}/history), and trunkline doctor ends it where it has not ended"
    )


class RunSummary(Protocol):
    """What a view of a node tells of its latest run."""

    @property
    def state(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def loop(self) -> int: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def error(self) -> str | None: ...


async def runs_inside(session: AsyncSession, task_id: str, path: str) -> dict[str, RunSummary]:
    """Path of what ran inside a node, at whatever depth → its latest run."""
    place = col(NodeRun.node_id)
    around = [path, *ancestors(path)]  # one that began anew has left behind what ran inside it before
    within = or_(*(place.startswith(f"{path}{mark}", autoescape=True) for mark in ".["))
    statement = (
        select_columns(
            col(NodeRun.node_id), col(NodeRun.state), col(NodeRun.attempt), col(NodeRun.loop),
            col(NodeRun.started_at), col(NodeRun.finished_at), col(NodeRun.error),
        )
        .where(col(NodeRun.task_id) == task_id, place.in_(around) | within)
        .order_by(col(NodeRun.number))
    )  # fmt: skip
    found = present((await session.execute(statement)).all(), lambda run: str(run.node_id))
    return {run.node_id: run for run in found if inside(run.node_id, path)}


async def latest_runs(session: AsyncSession, task_id: str) -> dict[str, NodeRun]:
    """Path of a node → its latest run, without inputs and outputs; nodes not reached are absent."""
    rows = await session.execute(_LATEST_RUNS, {"task_id": task_id})
    found = present(rows.scalars(), lambda run: run.node_id)
    return {run.node_id: run for run in found}


async def ended_at(session: AsyncSession, task_id: str) -> dict[str, Kept]:
    """What nodes came to whose latest run left them behind, or that were not taken; without those in items of loops."""
    statement = (
        select(NodeRun.node_id, NodeRun.state, NodeRun.outputs, NodeRun.number)
        .where(col(NodeRun.task_id) == task_id, ~col(NodeRun.node_id).contains("["))
        .order_by(col(NodeRun.number))
    )
    runs = present(await session.execute(statement), lambda run: cast("str", run.node_id))
    latest = {node: Kept(state, outputs, number) for node, state, outputs, number in runs}
    return {node: kept for node, kept in latest.items() if kept.state in _LEFT_BEHIND}


async def entered_around(session: AsyncSession, task_id: str, node: str) -> dict[str, dict[str, Any]]:
    """Path of each subflow that a node lies in → the inputs its flow has; without those whose flows didn't begin."""
    around = [*ancestors(node)]
    if not around:
        return {}
    statement = (
        select(NodeRun.node_id, NodeRun.inputs)
        .where(col(NodeRun.task_id) == task_id, col(NodeRun.node_id).in_(around))
        .order_by(col(NodeRun.number))
    )
    runs = present(await session.execute(statement), lambda run: cast("str", run.node_id))
    return {name: inputs for name, inputs in {run.node_id: run.inputs for run in runs}.items() if inputs is not None}


async def runs_of_node(session: AsyncSession, task_id: str, node_id: str) -> Sequence[NodeRun]:
    """In their order, the latest last."""
    statement = (
        select(NodeRun)
        .where(col(NodeRun.task_id) == task_id, col(NodeRun.node_id) == node_id)
        .order_by(col(NodeRun.number))
    )
    return (await session.execute(statement)).scalars().all()


async def find_run(session: AsyncSession, run_id: str) -> NodeRun | None:
    statement = select(NodeRun).where(col(NodeRun.id) == run_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def find_run_with_owner(session: AsyncSession, run_id: str) -> tuple[NodeRun, str | None] | None:
    """The run, and the worker that has its task."""
    statement = select(NodeRun, Task.lease_owner).join(Task, col(Task.id) == NodeRun.task_id)
    found = (await session.execute(statement.where(col(NodeRun.id) == run_id))).one_or_none()
    return None if found is None else (found[0], found[1])


async def calls_of_runs(session: AsyncSession, run_ids: Sequence[str]) -> Sequence[NodeCall]:
    statement = select(NodeCall).where(col(NodeCall.run_id).in_(run_ids)).order_by(col(NodeCall.id))
    return (await session.execute(statement)).scalars().all()


async def log_of_runs(session: AsyncSession, run_ids: Sequence[str]) -> Sequence[NodeLog]:
    statement = select(NodeLog).where(col(NodeLog.run_id).in_(run_ids)).order_by(col(NodeLog.id))
    return (await session.execute(statement)).scalars().all()


async def cancellations_of(session: AsyncSession, run_ids: Sequence[str]) -> dict[str, NodeCancellation]:
    """By run; most have none."""
    statement = select(NodeCancellation).where(col(NodeCancellation.run_id).in_(run_ids))
    found = await session.execute(statement.execution_options(populate_existing=True))
    return {row.run_id: row for row in found.scalars()}


async def cancellations_in(session: AsyncSession, task_id: str) -> Sequence[NodeCancellation]:
    """Of a whole task, in the order in which they were asked for."""
    statement = select(NodeCancellation).where(col(NodeCancellation.task_id) == task_id)
    ordered = statement.order_by(col(NodeCancellation.asked_at), col(NodeCancellation.run_id))
    return (await session.execute(ordered)).scalars().all()


async def has_live_run(session: AsyncSession, task_id: str) -> bool:
    """Whether a node is still under way: after a revocation those that had begun go on to their end."""
    live = [state.value for state in LIVE]
    statement = select(NodeRun.id).where(col(NodeRun.task_id) == task_id, col(NodeRun.state).in_(live)).limit(1)
    return (await session.execute(statement)).first() is not None


async def find_message(session: AsyncSession, message_id: str) -> TaskMessage | None:
    statement = select(TaskMessage).where(col(TaskMessage.id) == message_id).execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def settled_messages(session: AsyncSession, message_ids: Sequence[str]) -> dict[str, str | None]:
    """Message → why it was refused, or none when it was done; those that still wait are absent."""
    statement = select(TaskMessage.id, TaskMessage.reason).where(
        col(TaskMessage.id).in_(message_ids), col(TaskMessage.settled_at).is_not(None)
    )
    return {row.id: row.reason for row in await session.execute(statement)}
