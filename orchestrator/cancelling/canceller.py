"""Tells plugins that node runs are wanted no more: asked for by transitions of tasks, and apart from them since a task
that has ended is nobody's, and must wait for no plugin.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
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
from orchestrator.cancelling.owner import Owner, OwnerLapsed, while_alive
from orchestrator.cancelling.pace import CancelPace
from orchestrator.cancelling.repository import Taken, Taker
from orchestrator.cancelling.sharing import choose
from orchestrator.flow.executors import ConsentMissing
from orchestrator.flow.graph import Graph
from orchestrator.flow.graph_cache import GraphCache
from orchestrator.runtime.facts import TaskFacts
from orchestrator.runtime.models import Task
from orchestrator.runtime.plugin_calls import CallRights, RunOfNode, call_of

_GRAPHS: Final = 64
_SHORTEST_SECONDS: Final = 0.05
"""Between two looks: with many waiting, each that is done would have all of them sorted anew."""
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
        self._running: dict[asyncio.Task[None], Taken] = {}
        self._alarm: Alarm | None = None

    def start(self, owner: Owner) -> None:
        """Args:
        owner: this process; once it lives no more, others may make what it took.
        """
        self._alarm = Alarm(
            "cancellations",
            partial(self._look, owner),
            shortest=_SHORTEST_SECONDS,
            longest=self._pace.look,
            stillness=stillness_of(self._database),
        )
        self._alarm.start()

    def ring(self) -> None:
        """There may be something to cancel."""
        if self._alarm is not None:
            self._alarm.ring()

    async def stop(self) -> None:
        """Breaks off what is under way: whoever looks once this process lives no more makes it again, under the same
        key.
        """
        if self._alarm is None:
            return
        await self._alarm.stop()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _look(self, owner: Owner) -> float:
        """Begins what is due, as far as there is room; answers the seconds until the next look."""
        room, now = self._pace.at_once - len(self._running), self._clock.now()
        if room <= 0:
            return NOTHING_DUE  # the next that is done rings
        if owner.alive_until <= now:
            return self._pace.look  # what it took would be anybody's
        taker = Taker(owner.id, [taken.run_id for taken in self._running.values()])
        async with self._database.reading() as session:
            free = await repository.next_free(session, taker)
            wait = NOTHING_DUE if free is None else (free - now).total_seconds()
            if wait > 0:
                return wait
            chosen = await self._chosen(session, taker, room, now)
        answer_by = asyncio.get_running_loop().time() + self._pace.patience
        until = now + timedelta(seconds=self._pace.attempt)
        async with self._database.unit_of_work() as session:
            taken = await repository.take(session, taker, chosen, now, until)
        for each in taken:
            task = asyncio.create_task(self._carry_out(each, owner, answer_by), name=f"cancel {each.run_id}")
            self._running[task] = each
            task.add_done_callback(self._done)
        return 0.0 if taken else self._pace.look

    async def _chosen(self, session: AsyncSession, taker: Taker, room: int, now: datetime) -> Mapping[str, str]:
        """Run and project of as many as there is room for, fairly shared between projects."""
        under_way = Counter(taken.project_id for taken in self._running.values())
        full = [project for project, many in under_way.items() if many >= self._pace.share]
        waiting = dict(await repository.waiting(session, taker, now, room, full))
        return {run: waiting[run] for run in choose(waiting.items(), under_way, room, self._pace.share)}

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self.ring()

    async def _carry_out(self, taken: Taken, owner: Owner, answer_by: float) -> None:
        try:
            result, executor = await while_alive(owner, self._clock, self._result(taken, answer_by))
            await self._settle(taken, owner, result, executor)
        except OwnerLapsed as error:
            _log.warning("cancellation_broken_off", task=taken.task_id, run=taken.run_id, reason=str(error))
        except Exception as error:  # noqa: BLE001  what came of it could not be written: it is made again
            _log.error("cancellation_failed", task=taken.task_id, run=taken.run_id, exc_info=error)
            await asyncio.sleep(self._pace.pause(taken.attempts))
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

    async def _settle(self, taken: Taken, owner: Owner, result: CancelResult, executor: str) -> None:
        now, state = self._clock.now(), result.state
        due: datetime | None = None
        if state is CancelState.WAITING:
            due = now + timedelta(seconds=self._pace.pause(taken.attempts))
            is_late = due > taken.asked_at + timedelta(seconds=self._pace.give_up)
            if is_late and taken.attempts >= self._pace.least:
                state, due = CancelState.NOT_REACHED, None
        async with self._database.unit_of_work() as session:
            if state is CancelState.NOT_OFFERED and await repository.has_child(session, taken.run_id):
                state = CancelState.CANCELLED
            await repository.settle(session, taken, owner.id, state, due, result.reason)
            repository.keep_traces(session, taken, now, result.calls, result.log, executor)
