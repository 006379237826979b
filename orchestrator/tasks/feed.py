"""What a stream of a task's events says, read from what is durable."""

import json

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.db.database import Database
from orchestrator.engine.states import ENDED, TaskState
from orchestrator.runtime.history import Entries, entries_of, last_entry
from orchestrator.runtime.models import Task, TaskEvent
from orchestrator.tasks import repository
from orchestrator.tasks.service import TaskDetails
from orchestrator.tasks.stream import Batch, Message
from orchestrator.tasks.views import task_progress, task_summary

_AT_ONCE = 500
_ENDED = frozenset(state.value for state in ENDED)


class TaskFeed:
    """The messages of one task; each `event` is `task` or `node`, each id a place in the task's history."""

    def __init__(self, database: Database, task_id: str) -> None:
        self._database = database
        self._task_id = task_id

    async def snapshot(self) -> Batch:
        """Where a stream that follows nothing begins: the task as it is."""
        async with self._database.reading() as session:
            task = await repository.require_task(session, self._task_id)
            newest = await last_entry(session, task)
            message = await self._whole(session, task, newest)
            return Batch([message], newest, final=await _is_final(session, task))

    async def since(self, sequence: int, *, joining: bool = False) -> Batch:
        """What the history tells after `sequence`; its last batch ends with the task as it was left.

        Args:
            joining: a stream that begins here must also learn that nothing will follow.
        """
        async with self._database.reading() as session:
            events = await entries_of(session, self._task_id, Entries(sequence), _AT_ONCE)
            if not events and not joining:
                return Batch([], sequence, final=False)
            task = await repository.require_task(session, self._task_id)
            messages = [message for event in events if (message := _message(task, event)) is not None]
            upto = events[-1].sequence if events else sequence
            newest = await last_entry(session, task)
            final = upto >= newest and await _is_final(session, task)
            if final and events:
                messages.append(await self._whole(session, task, newest))
            return Batch(messages, upto, final)

    @staticmethod
    async def _whole(session: AsyncSession, task: Task, newest: int) -> Message:
        definition = await repository.definition_of(session, task)
        runs = await repository.latest_runs(session, task.id)
        progress = task_progress(TaskDetails(task, definition, runs))
        return Message("task", newest, progress.model_dump_json())


async def _is_final(session: AsyncSession, task: Task) -> bool:
    return task.state in _ENDED and not await repository.has_live_run(session, task.id)


def _message(task: Task, event: TaskEvent) -> Message | None:
    if event.kind == "node":
        return Message("node", event.sequence, json.dumps(event.data, ensure_ascii=False, separators=(",", ":")))
    if event.kind == "task":
        # The row may have moved on since; the state is the one of this entry.
        then = task_summary(task).model_copy(update={"state": TaskState(event.data["state"])})
        return Message("task", event.sequence, then.model_dump_json())
    return None
