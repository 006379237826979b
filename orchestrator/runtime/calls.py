"""Calls plugins for a worker's actors: bounded, fair between projects, repeated while the way is closed."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple, Protocol, assert_never

import structlog
from sqlalchemy.exc import SQLAlchemyError

from kernel.contracts.plugin_invoker import PluginCall, PluginInvoker, PluginResult, PluginState, PluginUnavailable
from kernel.secret_handles import handles_in
from kernel.secrets import SecretUnreadable
from orchestrator.engine.effects import DeliverCallback, ExecuteNode, Invocation, PollNode
from orchestrator.flow.executors import ConsentMissing, Standing, standing_inside
from orchestrator.runtime.actor import TaskActor
from orchestrator.runtime.fair_queue import FairQueue
from orchestrator.runtime.pace import Pace

_log = structlog.get_logger()
_MAX_DOUBLINGS = 20


class _Item(NamedTuple):
    actor: TaskActor
    invocation: Invocation
    call: PluginCall
    failures: int


class OpensSecrets(Protocol):
    async def open(self, owner: str, handles: Iterable[str]) -> Mapping[str, str]:
        """Handle → the secret, of those that are the task's. Raises SecretUnreadable."""
        ...


class AsksConsent(Protocol):
    async def scopes(self, project_id: str, task_id: str, username: str, inner: Standing | None) -> frozenset[str]:
        """What a node may call in the person's name. Raises ConsentMissing."""
        ...


class Calls:
    """One task of asyncio per call under way; a call that must wait for its way to open takes no place meanwhile.

    Args:
        most: project → how many of its calls may be under way at once, if there is a quota.
    """

    def __init__(
        self,
        invoker: PluginInvoker,
        secrets: OpensSecrets | None,
        consents: AsksConsent | None,
        pace: Pace,
        most: Callable[[str], int | None] | None = None,
    ) -> None:
        self._invoker = invoker
        self._secrets = secrets
        self._consents = consents
        self._pace = pace
        self._queue: FairQueue[_Item] = FairQueue(pace.calls, self._start, self._share)
        self._most = most
        self._running: set[asyncio.Task[None]] = set()
        self._pauses: set[asyncio.TimerHandle] = set()
        self._stopped = False

    def put(self, actor: TaskActor, invocation: Invocation, call: PluginCall) -> None:
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

    def _share(self, project_id: str) -> int:
        """Three of four places at most, whatever its quota: the calls of one may all be slow."""
        places = max(1, self._pace.calls * 3 // 4)
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
            call = await self._with_consent(item) if item.call.launched_by else item.call
            if item.actor.graph.asks_secrets:
                call = await self._with_secrets(call)
            result = await self._invoke(item.invocation, call)
            if call.launched_by:
                result = _naming(result, call.on_behalf_of)
        except PluginUnavailable as error:
            self._repeat_later(item, error)
            return
        except (SecretUnreadable, ConsentMissing) as error:
            result = PluginResult(PluginState.FAIL, error=str(error), storage=item.call.storage)
        except Exception as error:  # noqa: BLE001  whatever a plugin's way raises fails its node, not the worker
            _log.error("plugin_call_crashed", plugin=item.call.plugin, run=item.call.node_run_id, exc_info=error)
            result = PluginResult(
                PluginState.FAIL,
                error=f"{item.call.plugin} could not be called: {type(error).__name__}",
                storage=item.call.storage,
            )
        finally:
            self._queue.done(item.actor.facts.project_id)
        item.actor.answered(item.invocation, result)

    async def _with_secrets(self, call: PluginCall) -> PluginCall:
        """The call with the secrets whose handles stand among its inputs.

        Raises:
            PluginUnavailable: the database is away.
            SecretUnreadable: one is gone, or its root key.
        """
        handles = handles_in(call.inputs)
        if not handles or self._secrets is None:
            return call
        try:
            opened = await self._secrets.open(call.task_id, handles)
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error
        if len(opened) < len(handles):
            raise SecretUnreadable("A secret among the inputs is no longer kept; change the task's inputs and retry")
        return replace(call, secrets=opened)

    async def _with_consent(self, item: _Item) -> PluginCall:
        """The call with what the person in whose name it is made has consented to, as it is now.

        Raises:
            PluginUnavailable: the database is away.
            ConsentMissing: he has not consented to it.
        """
        call = item.call
        if self._consents is None:
            raise ConsentMissing(f"nothing may be called in the name of {call.on_behalf_of} here")
        inner = standing_inside(item.actor.graph, item.invocation.node)
        try:
            consented = await self._consents.scopes(call.project_id, call.task_id, call.on_behalf_of, inner)
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error
        return replace(call, consented=consented)

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
