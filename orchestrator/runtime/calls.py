"""Calls plugins for a worker's actors: bounded, fair between projects, repeated while the way is closed."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, assert_never

import structlog

from kernel.contracts.plugin_invoker import PluginCall, PluginInvoker, PluginResult, PluginState, PluginUnavailable
from kernel.crowding import Crowding, busy_seconds_of_this_thread
from kernel.fair_queue import FairQueue
from kernel.secrets import SecretUnreadable
from orchestrator.engine.effects import DeliverCallback, ExecuteNode, Invocation, PollNode
from orchestrator.flow.executors import ConsentMissing
from orchestrator.runtime.actor import TaskActor
from orchestrator.runtime.pace import Pace
from orchestrator.runtime.plugin_calls import CallRights

_log = structlog.get_logger()
_MAX_DOUBLINGS = 20
_FEW = 64
"""Calls under way at once, at least, while this process has more to do than it gets done."""


class _Item(NamedTuple):
    actor: TaskActor
    invocation: Invocation
    call: PluginCall
    failures: int


class Calls:
    """One task of asyncio per call under way; a call that must wait for its way to open takes no place meanwhile.

    Args:
        most: project → how many of its calls may be under way at once, if there is a quota.
        crowding: how many may be under way at once; as this thread gets them done, when it is not given.
    """

    def __init__(
        self,
        invoker: PluginInvoker,
        rights: CallRights,
        pace: Pace,
        most: Callable[[str], int | None] | None = None,
        crowding: Crowding | None = None,
    ) -> None:
        self._invoker = invoker
        self._rights = rights
        self._pace = pace
        self._crowding = crowding or Crowding(busy_seconds_of_this_thread, first=pace.calls, few=_FEW, most=pace.calls)
        self._queue: FairQueue[_Item] = FairQueue(self._crowding.limit, self._start, self._share)
        self._most = most
        self._running: set[asyncio.Task[None]] = set()
        self._pauses: set[asyncio.TimerHandle] = set()
        self._stopped = False

    def put(self, actor: TaskActor, invocation: Invocation, call: PluginCall) -> None:
        self._look()
        self._queue.put(actor.facts.project_id, _Item(actor, invocation, call, 0))

    async def stop(self) -> None:
        """Breaks off what is under way: whoever takes the task next repeats it under the same key."""
        self._stopped = True
        for pause in self._pauses:
            pause.cancel()
        self._pauses.clear()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _look(self) -> None:
        self._queue.resize(self._crowding.look(is_crowded=self._queue.is_crowded))

    def _share(self, project_id: str) -> int:
        """Three of four places at most, whatever its quota: the calls of one may all be slow."""
        places = max(1, self._queue.limit * 3 // 4)
        most = self._most(project_id) if self._most is not None else None
        return places if most is None else min(most, places)

    def _start(self, item: _Item) -> None:
        if self._stopped:
            return
        task = asyncio.create_task(self._carry_out(item))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _carry_out(self, item: _Item) -> None:
        try:
            if item.actor.gone:
                return
            if not item.actor.wants(item.invocation):
                item.actor.withdrawn(item.invocation)
                return
            call = await self._rights.given(item.call, item.actor.graph, item.invocation.node)
            result = await self._invoke(item.invocation, call)
            if call.launched_by:
                result = _naming(result, call.on_behalf_of)
        except PluginUnavailable as error:
            self._repeat_later(item, error)
            return
        except (SecretUnreadable, ConsentMissing) as error:
            result = PluginResult(PluginState.FAIL, error=str(error), storage=item.call.storage, answered=False)
        except Exception as error:  # noqa: BLE001  whatever a plugin's way raises fails its node, not the worker
            _log.error("plugin_call_crashed", plugin=item.call.plugin, run=item.call.node_run_id, exc_info=error)
            result = PluginResult(
                PluginState.FAIL,
                error=f"{item.call.plugin} could not be called: {type(error).__name__}",
                storage=item.call.storage,
                answered=False,
            )
        finally:
            self._look()
            self._queue.done(item.actor.facts.project_id)
        item.actor.answered(item.invocation, result)

    async def _invoke(self, invocation: Invocation, call: PluginCall) -> PluginResult:
        match invocation:
            case ExecuteNode():
                return await self._invoker.execute(call)
            case PollNode():
                return await self._invoker.poll(call)
            case DeliverCallback():
                return await self._invoker.callback(call, invocation.data)
            case _ as never:
                assert_never(never)

    def _repeat_later(self, item: _Item, error: PluginUnavailable) -> None:
        """A plugin that can't be reached waits without a place in the queue, longer each time."""
        doubled = self._pace.unavailable_first * 2 ** min(item.failures, _MAX_DOUBLINGS)
        pause = min(doubled, self._pace.unavailable_longest)
        _log.warning("plugin_unavailable", plugin=item.call.plugin, reason=str(error), again_in=pause)
        again = item._replace(failures=item.failures + 1)

        def repeat() -> None:
            self._pauses.discard(handle)
            if not item.actor.gone:
                self._queue.put(item.actor.facts.project_id, again)

        handle = asyncio.get_running_loop().call_later(pause, repeat)
        self._pauses.add(handle)


def _naming(result: PluginResult, executor: str) -> PluginResult:
    """With the person in whose name its calls were made."""
    return replace(result, calls=tuple(replace(call, executor=executor) for call in result.calls))
