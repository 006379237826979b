from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.contracts.plugin_invoker import CallRecord, CancelState
from orchestrator.child_tasks import repository as child_tasks
from orchestrator.runtime.codec import clean_text
from orchestrator.runtime.models import (
    NodeCall,
    NodeCancellation,
    NodeLog,
    NodeRun,
    RuntimeWorker,
    Task,
    TaskDefinition,
)

_MOST_LOOKED_AT: Final = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """A cancellation that is this process's to make for as long as it lives.

    Attributes:
        due: when it was; another time tells that more was learnt of the run meanwhile.
        until: when the attempt is over at the latest; also what tells that it was not taken from this process.
    """

    run_id: str
    task_id: str
    project_id: str
    node_id: str
    storage: Mapping[str, Any] | None
    asked_at: datetime
    attempts: int
    due: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes cancellations.

    Attributes:
        owner: the process's id.
        running: node runs whose plugins it tells at the moment. Of others that it took it is not known what became, so
            they are free for itself at once.
    """

    owner: str
    running: Collection[str]


async def next_free(session: AsyncSession, taker: Taker) -> datetime | None:
    """When the next one is free; none when there is none."""
    statement = select(func.min(_free_from(taker.owner))).where(_open(taker))
    found: datetime | None = (await session.execute(statement)).scalar_one()
    return found


async def waiting(
    session: AsyncSession, taker: Taker, now: datetime, of_each: int, but: Collection[str]
) -> list[tuple[str, str]]:
    """Run and project of those that are free, each project's first before anybody's second.

    Args:
        of_each: how many of a project at most.
        but: none of these projects.
    """
    project = func.coalesce(Task.project_id, "")
    free_from = _free_from(taker.owner)
    order = free_from, col(NodeCancellation.run_id)
    free = (
        select(
            col(NodeCancellation.run_id).label("run"),
            project.label("project"),
            free_from.label("since"),
            func.row_number().over(partition_by=project, order_by=order).label("place"),
        )
        .outerjoin(Task, col(Task.id) == col(NodeCancellation.task_id))
        .where(_open(taker), free_from <= now, project.not_in(but))
        .subquery()
    )
    statement = select(free.c.run, free.c.project).where(free.c.place <= of_each)
    statement = statement.order_by(free.c.place, free.c.since, free.c.run).limit(_MOST_LOOKED_AT)
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def take(
    session: AsyncSession, taker: Taker, projects: Mapping[str, str], now: datetime, until: datetime
) -> list[Taken]:
    """Those that are still free; other processes leave them alone while this one lives.

    Args:
        projects: run → project.
    """
    chosen = select(NodeCancellation).where(
        col(NodeCancellation.run_id).in_(projects), _open(taker), _free_from(taker.owner) <= now
    )
    held = chosen.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    taken = []
    for row in (await session.execute(held)).scalars().all():
        if row.due_at is None:
            continue
        row.taken_by, row.taken_until, row.attempts = taker.owner, until, row.attempts + 1
        taken.append(
            Taken(
                row.run_id,
                row.task_id,
                projects[row.run_id],
                row.node_id,
                row.storage,
                row.asked_at,
                row.attempts,
                row.due_at,
                until,
            )
        )
    return taken


async def has_child(session: AsyncSession, run_id: str) -> bool:
    """Whether a task of its own was started for the run: `orchestrator.child_tasks` revokes it."""
    return await child_tasks.of_run(session, run_id) is not None


async def settle(
    session: AsyncSession, taken: Taken, owner: str, state: CancelState, due: datetime | None, reason: str
) -> None:
    """Writes what became of it, unless more was learnt of the run meanwhile: then it is due again by that."""
    this = col(NodeCancellation.run_id) == taken.run_id
    ours = this & (col(NodeCancellation.taken_by) == owner) & (col(NodeCancellation.taken_until) == taken.until)
    said = {"state": state.value, "due_at": due, "reason": clean_text(reason)}
    for where, values in (
        (ours & (col(NodeCancellation.due_at) == taken.due), said),
        (ours, {"taken_by": None, "taken_until": None}),
    ):
        await session.execute(
            update(NodeCancellation).where(where).values(**values).execution_options(synchronize_session=False)
        )


def keep_traces(
    session: AsyncSession, taken: Taken, at: datetime, calls: Sequence[CallRecord], log: Sequence[str], executor: str
) -> None:
    """What was called for it stands beside what its run called."""
    of_run: dict[str, Any] = {"task_id": taken.task_id, "run_id": taken.run_id, "at": at}
    for call in calls:
        session.add(
            NodeCall(
                **of_run,
                idempotency_key=clean_text(call.idempotency_key)[:64],
                component=clean_text(call.component)[:256],
                status=call.status,
                request_id=clean_text(call.request_id)[:64],
                executor=executor,
            )
        )
    session.add_all(NodeLog(**of_run, message=clean_text(line)) for line in log)


async def find_run(session: AsyncSession, run_id: str) -> tuple[Task, NodeRun] | None:
    """The task and its node run; none once the task is gone."""
    statement = select(Task, NodeRun).join(NodeRun, col(NodeRun.task_id) == col(Task.id))
    found = (await session.execute(statement.where(col(NodeRun.id) == run_id))).one_or_none()
    return None if found is None else (found[0], found[1])


async def definition(session: AsyncSession, definition_id: str) -> Mapping[str, Any] | None:
    statement = select(TaskDefinition.document).where(col(TaskDefinition.id) == definition_id)
    document: Mapping[str, Any] | None = (await session.execute(statement)).scalar_one_or_none()
    return document


def _open(taker: Taker) -> ColumnElement[bool]:
    """Those to be told whose plugins the taker does not tell already."""
    return col(NodeCancellation.due_at).is_not(None) & col(NodeCancellation.run_id).not_in(taker.running)


def _free_from(owner: str) -> ColumnElement[datetime]:
    """When one is anybody's: once it is due, or whoever took it is not seen to live any more."""
    taken_by = col(NodeCancellation.taken_by)
    alive_until = select(RuntimeWorker.alive_until).where(col(RuntimeWorker.id) == taken_by).scalar_subquery()
    return case(
        (taken_by.is_(None), col(NodeCancellation.due_at)),
        (taken_by == owner, col(NodeCancellation.asked_at)),
        else_=func.coalesce(alive_until, col(NodeCancellation.asked_at)),
    )
