"""Which tasks a worker takes, and when: each that has something to do, as far as there is room."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog

from kernel.clock import Clock
from orchestrator.engine.model import State
from orchestrator.flow.graph import Graph
from orchestrator.flow.problems import FlowUnreadable
from orchestrator.runtime.actor import TaskActor
from orchestrator.runtime.graphs import Graphs
from orchestrator.runtime.kept_states import KeptStates
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.store import Claimed, Message, Store, StoreBusy

_log = structlog.get_logger()
_AT_ONCE = 200


class Claims:
    """Claims what is wanted, hands stored messages to the actors there are.

    Args:
        actors: the worker's, by task id.
        begin: makes an actor of what was claimed.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        worker: str,
        pace: Pace,
        actors: Mapping[str, TaskActor],
        begin: Callable[[Claimed, Graph, State], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._worker = worker
        self._pace = pace
        self._actors = actors
        self._begin = begin
        self._graphs = Graphs(store)
        self._wanted: dict[str, None] = {}
        self._avoided: dict[str, asyncio.TimerHandle] = {}
        self._kept = KeptStates()
        self._something = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="task claims")

    async def stop(self) -> None:
        for pause in self._avoided.values():
            pause.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    @property
    def tasks(self) -> int:
        """How many are advanced here or soon will be."""
        return len(self._actors) + len(self._wanted)

    def want(self, task_id: str) -> None:
        """The task has something to do."""
        if task_id not in self._avoided:
            self._wanted[task_id] = None
            self._something.set()

    def keep(self, actor: TaskActor) -> None:
        """Remembers the state of a task that was let go."""
        self._kept.put(actor.fence, actor.state)

    def room(self) -> None:
        """An actor is gone: what found no room may try again."""
        if self._wanted:
            self._something.set()

    async def avoid(self, task_id: str) -> None:
        """Lets go of a task that can't be advanced here; another worker may do better, and so may we, later."""
        if task_id in self._avoided:
            return

        def again() -> None:
            self._avoided.pop(task_id, None)
            self.want(task_id)

        self._avoided[task_id] = asyncio.get_running_loop().call_later(self._pace.avoid, again)
        self._wanted.pop(task_id, None)
        await self._store.disown(self._worker, task_id)

    async def _run(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            while taken := self._take():
                try:
                    await self._serve(taken)
                except StoreBusy as error:
                    _log.warning("task_store_busy", reason=str(error))
                    self._wanted = dict.fromkeys(taken) | self._wanted
                    await asyncio.sleep(self._pace.busy)
                except Exception as error:  # noqa: BLE001  the loop must live on; the sweeps find what was dropped
                    _log.error("task_claim_failed", tasks=len(taken), exc_info=error)
                    await asyncio.sleep(self._pace.busy)

    def _take(self) -> list[str]:
        """As many as one transaction should claim; what finds no room stays wanted."""
        room = min(self._pace.actors - len(self._actors), _AT_ONCE)
        taken: list[str] = []
        for task_id in self._wanted:
            if task_id in self._actors:
                taken.append(task_id)
            elif room > 0:
                room -= 1
                taken.append(task_id)
            if len(taken) == _AT_ONCE:
                break
        for task_id in taken:
            del self._wanted[task_id]
        return taken

    async def _serve(self, tasks: list[str]) -> None:
        ours = [task_id for task_id in tasks if task_id in self._actors]
        free = [task_id for task_id in tasks if task_id not in self._actors]
        if ours:
            self._deliver(await self._store.messages(ours))
        if free:
            # Taken out before the claim: what is remembered meanwhile may push it out.
            kept = {task_id: held for task_id in free if (held := self._kept.take(task_id)) is not None}
            known = {task_id: fence for task_id, (fence, _) in kept.items()}
            for claimed in await self._store.claim(self._worker, free, known, self._clock.now()):
                own = kept.get(claimed.task_id)
                await self._receive(claimed, own[1] if own is not None else None)

    def _deliver(self, messages: Sequence[Message]) -> None:
        of_task: dict[str, list[Message]] = {}
        for message in messages:
            of_task.setdefault(message.task_id, []).append(message)
        for task_id, news in of_task.items():
            actor = self._actors.get(task_id)
            if actor is None:
                self.want(task_id)
            else:
                actor.take_messages(news)

    async def _receive(self, claimed: Claimed, own: State | None) -> None:
        state = claimed.state if claimed.state is not None else own
        if state is None:
            raise RuntimeError(f"task {claimed.task_id} was claimed without its state")
        try:
            graph = await self._graphs.get(claimed.definition_id)
        except (LookupError, FlowUnreadable) as error:
            _log.error("task_definition_unusable", task=claimed.task_id, reason=str(error))
            await self.avoid(claimed.task_id)
            return
        self._begin(claimed, graph, state)
