"""Runs component plugins, always through the gateway."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState, PluginUnavailable
from kernel.contracts.project_secrets import ProjectSecrets
from kernel.contracts.task_tokens import TaskToken
from kernel.errors import TrunklineError, Unavailable
from kernel.forms.defaults import with_defaults
from kernel.secret_sources.errors import SecretUnavailable
from marketplace.installs.installed_versions import InstalledVersions
from marketplace.invoke.answers import Answer, storable
from marketplace.invoke.compiled import Compiled, CompiledPlugins
from marketplace.invoke.components import CallableComponent, CallableComponents
from marketplace.invoke.endings import capture, failure_text, finish, succeeded
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.gateway_caller import GatewayCaller
from marketplace.invoke.run import Run
from marketplace.invoke.secrets import InvocationSecrets
from marketplace.invoke.task_tokens import TaskTokens
from marketplace.package.manifest import Poll

_UNAUTHORIZED = 401
_SERVER_ERROR = 500
_NO_SECRETS = InvocationSecrets()
_MISSES = 3
"""Polls in a row that may fail before the node does: they are reads, and one lost answer says nothing of the work."""


class ComponentPluginInvoker:
    """Implements `PluginInvoker`. What goes wrong is a result, unless the way to the plugin itself is closed."""

    def __init__(
        self,
        installed: InstalledVersions,
        components: CallableComponents,
        tokens: TaskTokens,
        secrets: ProjectSecrets,
        gateway: GatewayCaller,
    ) -> None:
        self._installed = installed
        self._components = components
        self._tokens = tokens
        self._secrets = secrets
        self._gateway = gateway
        self._compiled = CompiledPlugins()

    async def execute(self, call: PluginCall) -> PluginResult:
        """The first invocation of a node run, or its repetition: it makes the same calls under the same keys."""
        return await self._invoke(call, _execute)

    async def poll(self, call: PluginCall) -> PluginResult:
        return await self._invoke(call, _poll)

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        async def receive(run: Run) -> PluginResult:
            return await _callback(run, run.secrets.masked(storable(data)))

        return await self._invoke(call, receive)

    async def _invoke(self, call: PluginCall, part: Callable[[Run], Awaitable[PluginResult]]) -> PluginResult:
        try:
            run = await self._begin(call)
        except InvocationFailed as failed:
            return PluginResult(PluginState.FAIL, error=failed.message, storage=dict(call.storage))
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error
        try:
            return await part(run)
        except InvocationFailed as failed:
            return run.result(PluginState.FAIL, error=failed.message)

    async def _begin(self, call: PluginCall) -> Run:
        name = f"{call.plugin} {call.version}"
        installed = await self._installed.find(call.project_id, call.plugin, call.version)
        if installed is None:
            raise InvocationFailed(f"{name} is not installed in this project; install it and retry")
        compiled = self._compiled.of(installed.digest, installed.manifest)
        lacking = compiled.scopes - installed.scopes
        if lacking:
            raise InvocationFailed(f"the project has not consented to {', '.join(sorted(lacking))} for {name}")
        lacking = compiled.scopes - call.scopes
        if lacking:
            raise InvocationFailed(f"the task may not use {', '.join(sorted(lacking))}, which {name} needs")
        inputs = with_defaults(compiled.manifest.inputs, dict(call.inputs))
        problems = compiled.inputs.problems(inputs, "inputs")
        if problems:
            raise InvocationFailed("; ".join(f"{problem.field} {problem.problem}" for problem in problems[:10]))
        sender = _TaskSender(call, compiled, self._components, self._tokens, self._gateway)
        return Run.resumed(call, compiled, sender, inputs, await self._open_secrets(call, compiled))

    async def _open_secrets(self, call: PluginCall, compiled: Compiled) -> InvocationSecrets:
        """Those that the task's own inputs name: what a plugin fills in itself names none."""
        given = {name: call.inputs.get(name) for name in compiled.secret_inputs}
        named = {name: secret for name, secret in given.items() if isinstance(secret, str) and secret}
        if not named:
            return _NO_SECRETS
        try:
            opened = await self._secrets.open(call.project_id, frozenset(named.values()))
        except SecretUnavailable as error:
            if error.temporary:
                raise PluginUnavailable(str(error)) from error
            raise InvocationFailed(str(error)) from error
        return InvocationSecrets(named, opened)


class _TaskSender:
    """Sends calls as the task: its token, narrowed to the plugin's scopes."""

    def __init__(
        self,
        call: PluginCall,
        compiled: Compiled,
        components: CallableComponents,
        tokens: TaskTokens,
        gateway: GatewayCaller,
    ) -> None:
        self._call = call
        self._scopes = compiled.scopes
        self._components = components
        self._tokens = tokens
        self._gateway = gateway

    async def find(self, label: str) -> CallableComponent:
        try:
            return await self._components.find(label)
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error

    async def send(self, component: CallableComponent, target: str, body: Any, idempotency_key: str) -> Answer:
        token = await self._token()
        answer = await self._gateway.call(component, target, body, token.value, idempotency_key)
        if answer.from_gateway and answer.status == _UNAUTHORIZED:
            # The token was revoked or its key withdrawn since it was kept. Nothing was done with the call.
            self._tokens.drop(token)
            token = await self._token()
            answer = await self._gateway.call(component, target, body, token.value, idempotency_key)
        if answer.from_gateway and answer.is_error and (lacking := self._scopes - token.scopes):
            said = f"{answer.message()}; not granted: {', '.join(sorted(lacking))}"
            return replace(answer, response={"message": said})
        return answer

    async def _token(self) -> TaskToken:
        try:
            return await self._tokens.token(self._call, self._scopes)
        except Unavailable as error:
            raise PluginUnavailable(error.detail) from error
        except TrunklineError as error:
            raise InvocationFailed(f"no token for the task: {error.detail}") from error
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error


async def _execute(run: Run) -> PluginResult:
    mapping = run.compiled.mapping
    answer = await run.send(mapping.call, "call")
    if not succeeded(run, mapping, "component", answer):
        return run.result(PluginState.FAIL, error=failure_text(run, mapping, answer))
    seen = {"response": answer.response, "status": answer.status}
    for name, later in (("poll", mapping.poll), ("callback", mapping.callback)):
        if later is not None:
            run.kept.update(
                {key: run.fill(template, f"{name}.store.{key}", **seen) for key, template in later.store.items()}
            )
    capture(run, mapping, "component", **seen)
    if mapping.poll is None and mapping.callback is None:
        return run.result(PluginState.SUCCESS)
    return _waiting(run)


async def _poll(run: Run) -> PluginResult:
    poll = run.compiled.mapping.poll
    if poll is None:
        return run.result(PluginState.FAIL, error=f"{run.call.plugin} does not poll")
    answer = await run.send(poll.call, "poll.call")
    seen = {"response": answer.response, "status": answer.status}
    if answer.status >= _SERVER_ERROR and run.misses < _MISSES:
        run.misses += 1
        run.log.append(f"{answer.failure()}; asking again")
        return _waiting(run)
    run.misses = 0
    if answer.is_error:
        return run.result(PluginState.FAIL, error=failure_text(run, poll, answer))
    if not run.holds(poll.done, "poll.done", answer, **seen):
        return _waiting(run)
    success = succeeded(run, poll, "poll", answer)
    error = "" if success else failure_text(run, poll, answer)
    return await finish(run, poll, "poll", success=success, error=error, **seen)


async def _callback(run: Run, data: Any) -> PluginResult:
    callback = run.compiled.mapping.callback
    if callback is None:
        return run.result(PluginState.FAIL, error=f"{run.call.plugin} waits for no callback")
    try:
        done = run.holds(callback.done, "callback.done", None, callback=data)
    except InvocationFailed as failed:
        if run.compiled.mapping.poll is None:
            raise
        run.log.append(f"Called back with what can't be understood: {failed.message}")
        return _waiting(run)
    if not done:
        run.log.append("Called back; not done yet")
        return _waiting(run)
    run.log.append("Called back")
    success = callback.success is None or run.holds(callback.success, "callback.success", None, callback=data)
    error = "the system called back with a failure"
    if not success and callback.error is not None:
        error = str(run.fill(callback.error, "callback.error", callback=data))
    first = run.compiled.mapping.call.component
    return await finish(run, callback, "callback", success=success, error=f"{first} failed: {error}", callback=data)


def _waiting(run: Run) -> PluginResult:
    mapping = run.compiled.mapping
    if mapping.callback is not None:
        late = mapping.callback.late_poll_seconds if mapping.poll is not None else None
        return run.result(PluginState.CALLBACK, poll_after_seconds=late)
    interval = mapping.poll.interval_seconds if isinstance(mapping.poll, Poll) else None
    return run.result(PluginState.POLL, poll_after_seconds=interval)
