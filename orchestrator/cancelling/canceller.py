"""Tells plugins that node runs are wanted no more: asked for by transitions of tasks, and apart from them since a task
that has ended is nobody's, and must wait for no plugin.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.alarm import NOTHING_DUE, Alarm
from kernel.clock import Clock
from kernel.contracts.plugin_invoker import (
    CancelResult,
    CancelState,
    PluginCall,
    PluginInvoker,
    PluginUnavailable,
)
from kernel.db.database import Database
from kernel.looks import stillness_of
from kernel.secrets import SecretUnreadable
from orchestrator.cancelling import repository
from orchestrator.cancelling.pace import CancelPace
from orchestrator.cancelling.repository import Taken
from orchestrator.flow.executors import ConsentMissing
from orchestrator.flow.graph import Graph
from orchestrator.flow.graph_cache import GraphCache
from orchestrator.runtime.facts import TaskFacts
from orchestrator.runtime.models import Task
from orchestrator.runtime.plugin_calls import CallRights, RunOfNode, call_of

_GRAPHS: Final = 64
_log = structlog.get_logger()


class Canceller:
    """Args:
    rights: what calls may carry and use: those of the node's own calls.
    tell: told the id of each task one of whose nodes was dealt with.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        invoker: PluginInvoker,
        rights: CallRights,
        tell: Callable[[str], None],
        pace: CancelPace | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._invoker = invoker
        self._rights = rights
        self._tell = tell
        self._pace = pace or CancelPace()
        self._graphs = GraphCache(_GRAPHS)
        self._running: set[asyncio.Task[None]] = set()
        self._alarm = Alarm("cancellations", self.look, longest=self._pace.look, stillness=stillness_of(database))

    def start(self) -> None:
        self._alarm.start()

    def ring(self) -> None:
        """There may be something to cancel."""
        self._alarm.ring()

    async def stop(self) -> None:
        """Breaks off what is under way: whoever looks once its lease has ended makes it again, under the same key."""
        await self._alarm.stop()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def look(self) -> float:
        """Begins what is due, as far as there is room; answers the seconds until the next look."""
        room = self._pace.at_once - len(self._running)
        if room <= 0:
            return NOTHING_DUE  # the next that is done rings
        async with self._database.reading() as session:
            due = await repository.next_due(session)
        wait = NOTHING_DUE if due is None else (due - self._clock.now()).total_seconds()
        if wait > 0:
            return wait
        now = self._clock.now()
        answer_by = asyncio.get_running_loop().time() + self._pace.patience
        async with self._database.unit_of_work() as session:
            taken = await repository.take(session, now, now + timedelta(seconds=self._pace.lease), room)
        for each in taken:
            task = asyncio.create_task(self._carry_out(each, answer_by), name=f"cancel {each.run_id}")
            self._running.add(task)
            task.add_done_callback(self._done)
        return 0.0 if taken else self._pace.look

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._alarm.ring()

    async def _carry_out(self, taken: Taken, answer_by: float) -> None:
        try:
            result, executor = await self._result(taken, answer_by)
            await self._settle(taken, result, executor)
        except Exception as error:  # noqa: BLE001  its lease ends, and it is made again
            _log.error("cancellation_failed", task=taken.task_id, run=taken.run_id, exc_info=error)
        else:
            self._tell(taken.task_id)

    async def _result(self, taken: Taken, answer_by: float) -> tuple[CancelResult, str]:
        """What came of it, and in whose name it was called where that is not the launcher's.

        Raises:
            SQLAlchemyError, OSError: the database is away, so nothing can be written of it either.
        """
        try:
            async with self._database.reading() as session:
                call, graph = await self._call(session, taken)
        except (SQLAlchemyError, OSError):
            raise
        except Exception as error:  # noqa: BLE001  what can't be read now is no better at the next attempt
            _log.error("cancellation_unreadable", task=taken.task_id, run=taken.run_id, exc_info=error)
            return CancelResult(CancelState.NOT_REACHED, f"what was called can't be told any more: {error}"), ""
        result = await self._told(call, graph, taken, answer_by)
        return result, call.on_behalf_of if call.launched_by else ""

    async def _call(self, session: AsyncSession, taken: Taken) -> tuple[PluginCall, Graph]:
        found = await repository.find_run(session, taken.run_id)
        if found is None:
            raise LookupError(f"the node run {taken.run_id} is gone")
        task, run = found
        graph = await self._graph(session, task)
        storage = run.storage if taken.storage is None else taken.storage
        about = RunOfNode(run.id, run.node_id, run.inputs or {}, storage or {})
        facts = TaskFacts.of(task.id, task, frozenset(task.scopes))
        return call_of(facts, graph, about, "", ending=True), graph

    async def _graph(self, session: AsyncSession, task: Task) -> Graph:
        graph = self._graphs.get(task.definition_id)
        if graph is None:
            document = await repository.definition(session, task.definition_id)
            if document is None:
                raise LookupError(f"the flow of the task {task.id} is gone")
            graph = self._graphs.keep(task.definition_id, document)
        return graph

    async def _told(self, call: PluginCall, graph: Graph, taken: Taken, answer_by: float) -> CancelResult:
        try:
            async with asyncio.timeout_at(answer_by):
                return await self._invoker.cancel(await self._rights.given(call, graph, taken.node_id))
        except TimeoutError:
            return CancelResult(CancelState.WAITING, f"{call.plugin} did not answer in time")
        except PluginUnavailable as error:
            return CancelResult(CancelState.WAITING, str(error))
        except (SecretUnreadable, ConsentMissing) as error:
            return CancelResult(CancelState.NOT_REACHED, str(error))
        except Exception as error:  # noqa: BLE001  whatever a plugin's way raises concerns this plugin alone
            _log.error("cancellation_crashed", plugin=call.plugin, run=taken.run_id, exc_info=error)
            return CancelResult(CancelState.WAITING, f"{call.plugin} could not be called: {type(error).__name__}")

    async def _settle(self, taken: Taken, result: CancelResult, executor: str) -> None:
        now, state = self._clock.now(), result.state
        due: datetime | None = None
        if state is CancelState.WAITING:
            due = now + timedelta(seconds=self._pace.pause(taken.attempts))
            if due > taken.asked_at + timedelta(seconds=self._pace.give_up):
                state, due = CancelState.NOT_REACHED, None
        async with self._database.unit_of_work() as session:
            if state is CancelState.NOT_OFFERED and await repository.has_child(session, taken.run_id):
                state = CancelState.CANCELLED
            await repository.settle(session, taken, state, due, result.reason)
            repository.keep_traces(session, taken, now, result.calls, result.log, executor)
