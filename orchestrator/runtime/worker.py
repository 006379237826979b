"""A worker: claims tasks that have something to do, and has their actors do it."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import structlog

from kernel.clock import Clock
from kernel.contracts.plugin_invoker import PluginCall, PluginInvoker
from kernel.ids import new_id
from orchestrator.engine.effects import DeliverCallback, Invocation, PollNode, SchedulePoll
from orchestrator.engine.events import Event, TaskStarted, TimerFired
from orchestrator.engine.model import State
from orchestrator.engine.states import TaskState
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import PluginNode
from orchestrator.flow.problems import FlowUnreadable
from orchestrator.runtime.actor import LocalPlugin, TaskActor, TaskFacts
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.calls import Calls
from orchestrator.runtime.graphs import Graphs
from orchestrator.runtime.presence import Presence
from orchestrator.runtime.store import Claimed, Message, Store, StoreBusy, TaskWrite
from orchestrator.runtime.writer import Writer

_log = structlog.get_logger()
SWEEP_SECONDS = 0.5
_HORIZON = timedelta(seconds=5)
_SWEEP_LIMIT = 500
_CLAIM_LIMIT = 200
_KEPT_STATES = 1000
_CALLS_AT_ONCE = 200
_RETRY_SECONDS = 0.5
_MAX_ACTORS = 5000


class Worker:
    """Advances tasks of a store until stopped; several may share one store.

    Args:
        callbacks_url: where `<token>` is appended to receive callbacks.
        lock_folder: where this process's life can be seen by others on the machine; none hides it.
        local_plugins: plugins that touch nothing outside and run inside the engine.
        on_committed: told the id of each task whose transitions became durable.
    """

    def __init__(
        self,
        store: Store,
        invoker: PluginInvoker,
        tokens: CallbackTokens,
        clock: Clock,
        *,
        callbacks_url: str,
        lock_folder: Path | None,
        on_committed: Callable[[str], None],
        local_plugins: Mapping[str, LocalPlugin] | None = None,
    ) -> None:
        self.id = new_id()
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._callbacks_url = callbacks_url.rstrip("/")
        self._local_plugins = local_plugins or {}
        self._graphs = Graphs(store)
        self._calls = Calls(invoker, _CALLS_AT_ONCE)
        self._writer = Writer(store, clock, on_committed)
        self._presence = Presence(store, clock, self.id, lock_folder)
        self._actors: dict[str, TaskActor] = {}
        self._kept: OrderedDict[str, tuple[int, State]] = OrderedDict()
        self._wanted: dict[str, None] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._something = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._store.open()
        await self._presence.start()
        self._writer.start()
        self._loops = [
            asyncio.create_task(self._claim_loop(), name="task claims"),
            asyncio.create_task(self._sweep_loop(), name="task sweep"),
        ]

    async def stop(self) -> None:
        """What is under way is broken off; the tasks go to whoever comes next."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for timer in self._timers.values():
            timer.cancel()
        await self._calls.stop()
        await self._writer.stop()
        with contextlib.suppress(StoreBusy):  # the leases run out by themselves
            await self._presence.stop()
        await self._store.close()

    def wake(self, task_id: str) -> None:
        """Says that the task has something to do; a wake-up that is lost costs one sweep."""
        self._wanted[task_id] = None
        self._something.set()

    # What actors ask for: `orchestrator.runtime.actor.Surface`.

    def now(self) -> float:
        return self._clock.now().timestamp()

    def write(self, actor: TaskActor, write: TaskWrite) -> None:
        self._writer.put(actor, write)

    def invoke(self, actor: TaskActor, invocation: Invocation) -> None:
        self._calls.put(actor, invocation, self.call_of(actor, invocation))

    def local(self, node: PluginNode) -> LocalPlugin | None:
        return self._local_plugins.get(node.plugin)

    def call_of(self, actor: TaskActor, invocation: Invocation) -> PluginCall:
        node = actor.graph.nodes[invocation.node]
        if not isinstance(node, PluginNode):
            raise TypeError(f"{invocation.node} is no plugin node")
        facts = actor.facts
        storage = invocation.storage if isinstance(invocation, PollNode | DeliverCallback) else {}
        return PluginCall(
            node_run_id=invocation.run,
            task_id=facts.id,
            project_id=facts.project_id,
            plugin=node.plugin,
            version=node.version,
            inputs=invocation.inputs,
            context={"task": facts.surroundings.task, "project": facts.surroundings.project},
            scopes=facts.scopes,
            on_behalf_of=facts.created_by,
            callback_url=f"{self._callbacks_url}/{self._tokens.token(invocation.run)}",
            storage=storage,
        )

    def set_timer(self, actor: TaskActor, timer: SchedulePoll) -> None:
        wait = max(0.0, timer.at - self.now())
        asyncio.get_running_loop().call_later(wait, self._fire, actor, timer)

    def released(self, actor: TaskActor) -> None:
        task_id = actor.facts.id
        if self._actors.get(task_id) is actor:
            del self._actors[task_id]
        if actor.releasing and not actor.ended:
            self._keep(task_id, actor)
        if actor.waiting_events:
            self.wake(task_id)

    def _fire(self, actor: TaskActor, timer: SchedulePoll) -> None:
        actor.post(TimerFired(max(self.now(), timer.at), timer.node, timer.run))

    def _keep(self, task_id: str, actor: TaskActor) -> None:
        self._kept[task_id] = (actor.fence, actor.state)
        self._kept.move_to_end(task_id)
        while len(self._kept) > _KEPT_STATES:
            self._kept.popitem(last=False)

    async def _claim_loop(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            try:
                while self._wanted:
                    await self._serve(self._take_wanted())
            except StoreBusy as error:
                _log.warning("task_store_busy", reason=str(error))
                await asyncio.sleep(_RETRY_SECONDS)

    def _take_wanted(self) -> list[str]:
        taken = list(self._wanted)[:_CLAIM_LIMIT]
        for task_id in taken:
            del self._wanted[task_id]
        return taken

    async def _serve(self, tasks: list[str]) -> None:
        """Claims what is free, and looks for news of what is ours."""
        ours = [task_id for task_id in tasks if task_id in self._actors]
        free = [task_id for task_id in tasks if task_id not in self._actors]
        if ours:
            self._deliver(await self._store.messages(ours))
        if free and len(self._actors) < _MAX_ACTORS:
            known = {task_id: self._kept[task_id][0] for task_id in free if task_id in self._kept}
            for claimed in await self._store.claim(self.id, free, known, self._clock.now()):
                await self._begin(claimed)

    def _deliver(self, messages: Sequence[Message]) -> None:
        of_task: dict[str, list[Message]] = {}
        for message in messages:
            of_task.setdefault(message.task_id, []).append(message)
        for task_id, news in of_task.items():
            actor = self._actors.get(task_id)
            if actor is None:
                self.wake(task_id)
            else:
                actor.take_messages(news)

    async def _begin(self, claimed: Claimed) -> None:
        graph = await self._graph(claimed)
        if graph is None:
            return
        kept = self._kept.pop(claimed.task_id, None)
        state = claimed.state if claimed.state is not None else kept[1] if kept is not None else None
        if state is None:
            raise RuntimeError(f"task {claimed.task_id} was claimed without its state")
        actor = TaskActor(self, TaskFacts.of(claimed), graph, state, claimed.fence)
        self._actors[claimed.task_id] = actor
        actor.begin(self._first_events(claimed, state), list(claimed.messages))

    def _first_events(self, claimed: Claimed, state: State) -> list[Event]:
        now = self.now()
        due = claimed.start_at is not None and claimed.start_at <= now
        return [TaskStarted(now)] if state.status is TaskState.CREATED and due else []

    async def _graph(self, claimed: Claimed) -> Graph | None:
        try:
            return await self._graphs.get(claimed.definition_id)
        except (LookupError, FlowUnreadable) as error:
            _log.error("task_definition_unusable", task=claimed.task_id, reason=str(error))
            return None

    async def _sweep_loop(self) -> None:
        """The net under every wake-up: due starts, open messages, dead owners, timers."""
        while True:
            try:
                now = self._clock.now()
                found = await self._store.sweep(self.id, now, now + _HORIZON, _SWEEP_LIMIT)
            except StoreBusy as error:
                _log.warning("task_store_busy", reason=str(error))
            else:
                for task_id in found.now:
                    self.wake(task_id)
                for task_id, due in found.timers:
                    self._wake_at(task_id, due)
            await asyncio.sleep(SWEEP_SECONDS)

    def _wake_at(self, task_id: str, due: float) -> None:
        if task_id not in self._timers:
            wait = max(0.0, due - self.now())
            self._timers[task_id] = asyncio.get_running_loop().call_later(wait, self._wake_from_timer, task_id)

    def _wake_from_timer(self, task_id: str) -> None:
        self._timers.pop(task_id, None)
        self.wake(task_id)
