"""Carries runs from their first call to their end: polls when they are due, works callbacks off, tells the end."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from typing import Any

from trunkline_plugin.plugin import Plugin
from trunkline_plugin.project import Project
from trunkline_plugin.serving.finish import EndTeller, asks_to_be_told
from trunkline_plugin.serving.logs import logged_for
from trunkline_plugin.serving.rounds import Outcome, cancel_round, first_round, next_round
from trunkline_plugin.serving.runs import KeptCallback, Run
from trunkline_plugin.serving.store import Store
from trunkline_plugin.states import FINISHED, State

logger = logging.getLogger("trunkline_plugin")
_FORGET_EVERY = 3600
_AGAIN_AFTER = 5.0
_DAY = 86400
_CALLBACK_TRIES = 3
_CALLBACK_WAIT = 0.5
CANCELLED = "cancelled"
"""What a run failed with that was cancelled."""


class Engine:
    """One for a process; its methods are called on the event loop."""

    def __init__(self, project: Project, store: Store, teller: EndTeller) -> None:
        self._project = project
        self._store = store
        self._teller = teller
        self._threads = ThreadPoolExecutor(project.settings.threads, thread_name_prefix="plugin")
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._busy: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Takes up what the last process left."""
        for trace_id, due_at in self._store.due():
            self._poll_at(trace_id, due_at)
        for trace_id in self._store.called_back():
            self._begin(self._proceed(trace_id))
        for trace_id in self._store.untold():
            self._begin(self._tell(trace_id))
        self._begin(self._forget())

    async def stop(self) -> None:
        """Leaves everything to the next process; calls of `execute` that are under way are waited for."""
        for timer in self._timers.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown)

    async def invoke(
        self, plugin: type[Plugin], trace_id: str, inputs: dict[str, Any], context: dict[str, Any]
    ) -> Outcome:
        """Begins a run. It is kept only if it is to go on."""
        with logged_for(trace_id):
            outcome = await first_round(plugin, trace_id, inputs, context, self.in_thread)
            if outcome.state in FINISHED:
                return outcome
            now = time.time()
            run = _after(
                Run(trace_id, plugin.Meta.version, State.EMPTY, 0, inputs, context, created_at=now), outcome, now
            )
            try:
                await self.in_thread(lambda: self._store.save(run))
            except Exception as error:
                logger.exception("the run can't be written")
                return Outcome(State.FAIL, err=f"schedule create error: {error}")
        self._go_on(run)
        return outcome

    async def call_back(self, trace_id: str, callback_id: str, data: Any) -> str | None:
        """Takes a callback; answers what is wrong where it can't be. A run that doesn't wait yet gets a moment."""
        state = None
        for left in reversed(range(_CALLBACK_TRIES)):
            state = await self.in_thread(lambda: self._store.state_of(trace_id))
            if state is State.CALLBACK:
                await self.in_thread(lambda: self._store.keep_callback(trace_id, callback_id, data))
                self._begin(self._proceed(trace_id))
                return None
            if left:
                await asyncio.sleep(_CALLBACK_WAIT)
        return f"callback fail,schedule plugin state[{state.value if state else None}]: is not callback"

    async def cancel(self, trace_id: str) -> tuple[Run | None, str | None]:
        """Has the plugin end what the run began, once, and ends the run.

        Returns:
            The run as it is then, None where there is none; and what went wrong, after which the run goes on.
        """
        while (under_way := self._busy.get(trace_id)) is not None:
            await under_way.wait()
        self._busy[trace_id] = asyncio.Event()
        try:
            with logged_for(trace_id):
                run, problem = await self._cancel(trace_id)
        finally:
            self._busy.pop(trace_id).set()
        if run is not None and run.state not in FINISHED:
            self._go_on(run)  # its time may have come meanwhile
            self._begin(self._proceed(trace_id))
        return run, problem

    async def _cancel(self, trace_id: str) -> tuple[Run | None, str | None]:
        run = await self.in_thread(lambda: self._store.find(trace_id))
        if run is None or run.state in FINISHED:
            return run, None
        plugin = self._project.versions.get(run.version)
        if plugin is None or not plugin.can_cancel():
            return run, f"version {run.version} can't be cancelled"
        problem = await cancel_round(plugin, run, self.in_thread)
        if problem is not None:
            return run, f"plugin cancel failed: {problem}"
        tells = asks_to_be_told(plugin, run.context)
        ended = replace(run, state=State.FAIL, err=CANCELLED, finished_at=time.time(), due_at=None, tells_end=tells)
        await self.in_thread(lambda: self._store.save(ended))
        self._go_on(ended)
        return ended, None

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        """Runs blocking work beside the event loop; the log knows whose it is."""
        context = copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, work)

    def _poll_at(self, trace_id: str, due_at: float) -> None:
        delay = max(due_at - time.time(), 0)
        loop = asyncio.get_running_loop()
        if before := self._timers.pop(trace_id, None):
            before.cancel()
        self._timers[trace_id] = loop.call_later(delay, self._begin_poll, trace_id)

    def _begin_poll(self, trace_id: str) -> None:
        del self._timers[trace_id]
        self._begin(self._proceed(trace_id, poll=True))

    async def _proceed(self, trace_id: str, *, poll: bool = False) -> None:
        """Polls once if that is due, then works callbacks off in the order they came, those too that come meanwhile."""
        if trace_id in self._busy:
            return
        self._busy[trace_id] = asyncio.Event()
        run = None
        try:
            with logged_for(trace_id):
                if poll:
                    run = await self._round(trace_id, None)
                while callback := await self.in_thread(lambda: self._store.next_callback(trace_id)):
                    run = await self._round(trace_id, callback)
        except Exception:
            logger.exception("the run %s can't go on now", trace_id)
            await asyncio.sleep(_AGAIN_AFTER)
            run = await self.in_thread(lambda: self._store.find(trace_id))
        finally:
            self._busy.pop(trace_id).set()
        if run is not None:
            self._go_on(run)

    async def _round(self, trace_id: str, callback: KeptCallback | None) -> Run | None:
        """One call of `execute`; None where the run does not wait for it any more."""
        run = await self.in_thread(lambda: self._store.find(trace_id))
        if run is None or run.state is not (State.POLL if callback is None else State.CALLBACK):
            await self._drop(callback)
            return None
        plugin = self._project.versions.get(run.version)
        if plugin is None:
            outcome = Outcome(State.FAIL, err=f"plugin schedule failed: there is no version {run.version} any more")
        else:
            outcome = await next_round(plugin, run, callback, self.in_thread)
        after = _after(run, outcome, time.time())
        if after.state in FINISHED:
            after = replace(after, tells_end=asks_to_be_told(plugin, run.context))
        await self.in_thread(lambda: self._store.save(after, callback.number if callback else None))
        return after

    def _go_on(self, run: Run) -> None:
        if run.due_at is not None:
            self._poll_at(run.trace_id, run.due_at)
        if run.tells_end:
            self._begin(self._tell(run.trace_id))

    async def _drop(self, callback: KeptCallback | None) -> None:
        if callback is not None:
            logger.warning("a callback came for a run that does not wait for one any more")
            await self.in_thread(lambda: self._store.drop_callback(callback.number))

    async def _tell(self, trace_id: str) -> None:
        run = await self.in_thread(lambda: self._store.find(trace_id))
        if run is not None:
            with logged_for(trace_id):
                await self.in_thread(lambda: self._teller.tell(run.context))
        await self.in_thread(lambda: self._store.told(trace_id))

    async def _forget(self) -> None:
        while True:
            before = time.time() - self._project.settings.keep_days * _DAY
            await self.in_thread(lambda: self._store.forget(before))  # noqa: B023  awaited in this turn
            await asyncio.sleep(_FORGET_EVERY)

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _after(run: Run, outcome: Outcome, now: float) -> Run:
    finished = outcome.state in FINISHED
    due_at = None if outcome.poll_seconds is None or finished else now + outcome.poll_seconds
    return replace(
        run,
        state=outcome.state,
        invoke_count=run.invoke_count + 1,
        outputs=run.outputs if outcome.outputs is None else outcome.outputs,
        storage=run.storage if outcome.storage is None else outcome.storage,
        err=outcome.err or "",
        finished_at=now if finished else None,
        due_at=due_at,
    )
