"""Adds what has become of tasks to the days of their flows and nodes: each task once, whoever looks at the days."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.db.database import Database
from orchestrator.engine.states import TaskState
from orchestrator.insight import repository
from orchestrator.insight.tally import EndedRun, FlowKey, Steps, Tallies, node_key, to_count
from orchestrator.runtime.models import Task
from orchestrator.tasks.origins import OriginKind

_AT_ONCE: Final = 50
_NO_STEPS: Final = Steps({})
SHORTEST_SECONDS: Final = 2.0
"""Between two counts while there is nothing left to be counted; many tasks are counted one part after the other."""
LONGEST_SECONDS: Final = 60.0


class TaskCounting:
    """The days, and the mark that a task is in them, change in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self) -> float:
        """Counts what there is to be counted; answers the seconds until there may be more."""
        while await self._any():
            async with self._database.unit_of_work() as session:
                await _count_some(session)
        return LONGEST_SECONDS

    async def _any(self) -> bool:
        """Asked often, and without a write."""
        async with self._database.reading() as session:
            return await repository.any_uncounted(session)


async def _count_some(session: AsyncSession) -> None:
    tasks = await repository.uncounted_tasks(session, _AT_ONCE)
    ids = [task.id for task in tasks]
    runs = await repository.ended_runs(session, ids)
    before = await repository.counted_before(session, ids)
    documents = await repository.definitions(session, {task.definition_id for task in tasks})
    steps = {name: Steps(document) for name, document in documents.items()}
    tallies, kept = Tallies(), {}
    for task in tasks:
        wanted = to_count(runs.get(task.id, ()), TaskState(task.state), before.get(task.id, ()))
        if task.origin != OriginKind.MOCK.value:
            _count(tallies, task, wanted, steps.get(task.definition_id, _NO_STEPS))
        kept[task.id] = _kept(task, wanted)
        task.counted = task.state
    await repository.remember_counted(session, kept)
    await repository.add_flows(session, tallies.flows)
    await repository.add_nodes(session, tallies.nodes)


def _count(tallies: Tallies, task: Task, runs: Sequence[EndedRun], steps: Steps) -> None:
    ended = _ended_at(task, runs)
    key = FlowKey(task.project_id, ended.date(), task.flow_id)
    seconds = max(0.0, (ended - (task.started_at or task.created_at)).total_seconds())
    tallies.count_task(key, TaskState(task.state), seconds)
    for run in runs:
        node = steps.at(run.path)
        if node is not None:
            tallies.count_run(node_key(key, node, run), run)


def _ended_at(task: Task, runs: Sequence[EndedRun]) -> datetime:
    """When it ended; of one that has failed, when the last attempt did."""
    if task.finished_at is not None:
        return task.finished_at
    return max((run.finished_at for run in runs), default=task.started_at or task.created_at)


def _kept(task: Task, counted: Sequence[EndedRun]) -> list[int]:
    """What must be known when the task goes on."""
    return [run.number for run in counted] if task.state == TaskState.FAILED else []
