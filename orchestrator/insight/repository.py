"""What the days are made of, adding to them, and reading them."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, TypeVar

from sqlalchemy import delete, or_, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only
from sqlmodel import col, select

from orchestrator.common_flows.models import CommonFlow
from orchestrator.engine.states import NodeState
from orchestrator.flows.models import FlowRow
from orchestrator.insight.durations import added
from orchestrator.insight.models import CountedTask, FlowDay, NodeDay
from orchestrator.insight.tally import EndedRun, FlowKey, NodeKey, Tally
from orchestrator.runtime.models import UNCOUNTED, NodeRun, Task, TaskDefinition

_AT_ONCE: Final = 500
_NARROW: Final = (
    load_only(
        *(getattr(NodeRun, name) for name in ("task_id", "number", "node_id", "state", "started_at", "finished_at"))
    ),
)
Row = TypeVar("Row", FlowDay, NodeDay)


async def any_uncounted(session: AsyncSession) -> bool:
    return (await session.execute(select(Task.id).where(text(UNCOUNTED)).limit(1))).first() is not None


async def uncounted_tasks(session: AsyncSession, limit: int) -> Sequence[Task]:
    """Tasks that have failed or ended since they were counted last; held, so that no other process counts them."""
    statement = (
        select(Task).where(text(UNCOUNTED)).order_by(col(Task.id)).limit(limit).with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalars().all()


async def ended_runs(session: AsyncSession, task_ids: Collection[str]) -> dict[str, list[EndedRun]]:
    """Task → its attempts that have ended."""
    statement = (
        select(NodeRun)
        .where(col(NodeRun.task_id).in_(task_ids), col(NodeRun.finished_at).is_not(None))
        .options(*_NARROW)
        .order_by(col(NodeRun.task_id), col(NodeRun.number))
    )
    found: dict[str, list[EndedRun]] = {}
    for run in (await session.execute(statement)).scalars():
        ended = run.finished_at or run.started_at
        found.setdefault(run.task_id, []).append(
            EndedRun(run.number, run.node_id, NodeState(run.state), run.started_at, ended)
        )
    return found


async def definitions(session: AsyncSession, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    statement = select(TaskDefinition.id, TaskDefinition.document).where(col(TaskDefinition.id).in_(ids))
    return {row.id: row.document for row in await session.execute(statement)}


async def counted_before(session: AsyncSession, task_ids: Collection[str]) -> dict[str, list[int]]:
    """Task → numbers of its failed attempts that are in the days already."""
    statement = select(CountedTask).where(col(CountedTask.task_id).in_(task_ids))
    return {row.task_id: row.numbers for row in (await session.execute(statement)).scalars()}


async def remember_counted(session: AsyncSession, numbers: Mapping[str, Sequence[int]]) -> None:
    """Task → numbers of the failed attempts counted so far; nothing more is kept of one that has none."""
    await session.execute(delete(CountedTask).where(col(CountedTask.task_id).in_(numbers)))
    session.add_all(CountedTask(task_id=name, numbers=list(each)) for name, each in numbers.items() if each)


async def add_flows(session: AsyncSession, tallies: Mapping[FlowKey, Tally]) -> None:
    """Adds to the days; in one order, so that no two processes wait for each other."""
    for key in sorted(tallies, key=_order):
        row = (await _rows(session, FlowDay, [_columns(key)]))[0]
        tally = tallies[key]
        row.finished += tally.ended
        row.failed += tally.failed
        row.revoked += tally.revoked
        _took(row, tally)


async def add_nodes(session: AsyncSession, tallies: Mapping[NodeKey, Tally]) -> None:
    """As `add_flows`."""
    for _, of_flow in groupby(sorted(tallies, key=_order), key=lambda key: (key.project_id, key.day, key.flow_id)):
        keys = list(of_flow)
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            rows = {
                (row.node, row.plugin, row.version): row
                for row in await _rows(session, NodeDay, [_columns(key) for key in part])
            }
            for key in part:
                row, tally = rows[key.node, key.plugin, key.version], tallies[key]
                row.runs += tally.ended
                row.failed += tally.failed
                _took(row, tally)


async def _rows(session: AsyncSession, table: type[Row], keys: Sequence[dict[str, Any]]) -> Sequence[Row]:
    """The rows of some keys of one flow and day, made where there are none, held until the transaction ends."""
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    nothing = table.model_construct().model_dump()
    empty = [{**nothing, **key} for key in keys]
    await session.execute(build(table).on_conflict_do_nothing(), empty)
    first = keys[0]
    statement = select(table).where(
        col(table.project_id) == first["project_id"], col(table.day) == first["day"],
        col(table.flow_id) == first["flow_id"],
    )  # fmt: skip
    if table is NodeDay:
        statement = statement.where(col(NodeDay.node).in_([key["node"] for key in keys]))
    held = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(held)).scalars().all()


def _took(row: FlowDay | NodeDay, tally: Tally) -> None:
    row.seconds += tally.seconds
    row.durations = added([row.durations, tally.durations])


def _order(key: FlowKey | NodeKey) -> tuple[str, ...]:
    return tuple(str(value) for value in _columns(key).values())


def _columns(key: FlowKey | NodeKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in key.__slots__}


async def flow_days(session: AsyncSession, since: dt.date, until: dt.date, project_id: str | None) -> Sequence[FlowDay]:
    statement = select(FlowDay).where(col(FlowDay.day).between(since, until))
    if project_id is not None:
        statement = statement.where(col(FlowDay.project_id) == project_id)
    return (await session.execute(statement)).scalars().all()


async def node_days(session: AsyncSession, since: dt.date, until: dt.date, project_id: str) -> Sequence[NodeDay]:
    statement = select(NodeDay).where(col(NodeDay.project_id) == project_id, col(NodeDay.day).between(since, until))
    return (await session.execute(statement)).scalars().all()


async def flow_names(session: AsyncSession, project_id: str | None) -> dict[str, tuple[str, int]]:
    """Flow → its name and its minutes by hand; of a project with the common flows, which it may have run."""
    statement = select(FlowRow.id, FlowRow.name, FlowRow.minutes_by_hand)
    if project_id is not None:
        shared = select(CommonFlow.flow_id)
        statement = statement.where(or_(col(FlowRow.project_id) == project_id, col(FlowRow.id).in_(shared)))
    return {flow: (name, minutes) for flow, name, minutes in await session.execute(statement)}
