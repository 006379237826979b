from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.contracts.plugin_invoker import CallRecord, CancelState
from orchestrator.child_tasks import repository as child_tasks
from orchestrator.runtime.models import NodeCall, NodeCancellation, NodeLog, NodeRun, Task, TaskDefinition


@dataclass(frozen=True, slots=True)
class Taken:
    """A cancellation that is this process's to make until its lease ends.

    Attributes:
        until: when the lease ends; also what tells that nobody has changed the cancellation meanwhile.
    """

    run_id: str
    task_id: str
    node_id: str
    storage: Mapping[str, Any] | None
    asked_at: datetime
    attempts: int
    until: datetime


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next one is due; none when there is none."""
    due = col(NodeCancellation.due_at)
    found: datetime | None = (await session.execute(select(func.min(due)).where(due.is_not(None)))).scalar_one()
    return found


async def take(session: AsyncSession, now: datetime, until: datetime, limit: int) -> list[Taken]:
    """Those due, the first due first; other processes leave them alone until the lease ends."""
    due = col(NodeCancellation.due_at)
    chosen = select(NodeCancellation).where(due <= now).order_by(due).limit(limit)
    held = chosen.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    taken = []
    for row in (await session.execute(held)).scalars().all():
        row.due_at, row.attempts = until, row.attempts + 1
        taken.append(Taken(row.run_id, row.task_id, row.node_id, row.storage, row.asked_at, row.attempts, until))
    return taken


async def has_child(session: AsyncSession, run_id: str) -> bool:
    """Whether a task of its own was started for the run: `orchestrator.child_tasks` revokes it."""
    return await child_tasks.of_run(session, run_id) is not None


async def settle(session: AsyncSession, taken: Taken, state: CancelState, due: datetime | None, reason: str) -> None:
    """Writes what became of it, unless more was learnt of the run meanwhile: then it is due again by that."""
    statement = (
        update(NodeCancellation)
        .where(col(NodeCancellation.run_id) == taken.run_id, col(NodeCancellation.due_at) == taken.until)
        .values(state=state.value, due_at=due, reason=reason)
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


def keep_traces(
    session: AsyncSession, taken: Taken, at: datetime, calls: Sequence[CallRecord], log: Sequence[str], executor: str
) -> None:
    """What was called for it stands beside what its run called."""
    of_run: dict[str, Any] = {"task_id": taken.task_id, "run_id": taken.run_id, "at": at}
    for call in calls:
        session.add(
            NodeCall(
                **of_run,
                idempotency_key=call.idempotency_key[:64],
                component=call.component[:256],
                status=call.status,
                request_id=call.request_id[:64],
                executor=executor,
            )
        )
    session.add_all(NodeLog(**of_run, message=line) for line in log)


async def find_run(session: AsyncSession, run_id: str) -> tuple[Task, NodeRun] | None:
    """The task and its node run; none once the task is gone."""
    statement = select(Task, NodeRun).join(NodeRun, col(NodeRun.task_id) == col(Task.id))
    found = (await session.execute(statement.where(col(NodeRun.id) == run_id))).one_or_none()
    return None if found is None else (found[0], found[1])


async def definition(session: AsyncSession, definition_id: str) -> Mapping[str, Any] | None:
    statement = select(TaskDefinition.document).where(col(TaskDefinition.id) == definition_id)
    document: Mapping[str, Any] | None = (await session.execute(statement)).scalar_one_or_none()
    return document
