"""Runs plugins, always through the gateway."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kernel.contracts.plugin_invoker import (
    CancelResult,
    CancelState,
    ChangesRefused,
    PluginCall,
    PluginResult,
    PluginState,
    PluginUnavailable,
)
from kernel.contracts.project_secrets import ProjectSecrets
from kernel.contracts.task_tokens import TaskToken
from kernel.errors import TrunklineError, Unavailable
from kernel.forms.defaults import with_defaults
from kernel.secret_sources.errors import SecretUnavailable
from marketplace.installs.installed_versions import InstalledVersions
from marketplace.invoke import mapped, remote
from marketplace.invoke.answers import Answer, storable
from marketplace.invoke.compiled import Compiled, CompiledPlugins
from marketplace.invoke.components import CallableComponent, CallableComponents
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.gateway_caller import GatewayCaller
from marketplace.invoke.named_groups import GROUP_PEOPLE, GroupPeople, groups_named
from marketplace.invoke.run import Run
from marketplace.invoke.secrets import InvocationSecrets
from marketplace.invoke.task_tokens import TaskTokens
from marketplace.package.manifest import PluginKind

_UNAUTHORIZED = 401
_RENEWALS_AFTER_SECONDS = (0.0, 1.1)
"""Times of issue are whole seconds: whoever ends all tokens of a person or an app ends those that the rest of the
second brings as well (a person is disabled; his tasks go on)."""
_NO_SECRETS = InvocationSecrets()


@dataclass(frozen=True, slots=True)
class _Kind:
    """How plugins of one kind are run."""

    execute: Callable[[Run], Awaitable[PluginResult]]
    poll: Callable[[Run], Awaitable[PluginResult]]
    callback: Callable[[Run, Any], Awaitable[PluginResult]]
    cancel: Callable[[Run], Awaitable[CancelResult]]


_KINDS = {
    PluginKind.COMPONENT: _Kind(mapped.execute, mapped.poll, mapped.callback, mapped.cancel),
    PluginKind.REMOTE: _Kind(remote.execute, remote.poll, remote.callback, remote.cancel),
    PluginKind.PYTHON: _Kind(remote.execute, remote.poll, remote.callback, remote.cancel),
}


class GatewayPluginInvoker:
    """Implements `PluginInvoker`. What goes wrong is a result, unless the way to the plugin itself is closed."""

    def __init__(
        self,
        installed: InstalledVersions,
        components: CallableComponents,
        tokens: TaskTokens,
        secrets: ProjectSecrets,
        groups: GroupPeople,
        gateway: GatewayCaller,
    ) -> None:
        self._installed = installed
        self._components = components
        self._tokens = tokens
        self._secrets = secrets
        self._groups = groups
        self._gateway = gateway
        self._compiled = CompiledPlugins()

    async def execute(self, call: PluginCall) -> PluginResult:
        """The first invocation of a node run, or its repetition: it makes the same calls under the same keys."""
        return await self._invoke(call, lambda kind, run: kind.execute(run))

    async def poll(self, call: PluginCall) -> PluginResult:
        return await self._invoke(call, lambda kind, run: kind.poll(run))

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        return await self._invoke(call, lambda kind, run: kind.callback(run, run.secrets.masked(storable(data))))

    async def cancel(self, call: PluginCall) -> CancelResult:
        try:
            run = await self._begin(call)
        except InvocationFailed as failed:
            return CancelResult(CancelState.NOT_REACHED, failed.message)
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error
        run.cancelling = True
        try:
            return await _kind_of(run).cancel(run)
        except InvocationFailed as failed:
            return run.cancelled(CancelState.NOT_REACHED, failed.message)

    async def _invoke(self, call: PluginCall, part: Callable[[_Kind, Run], Awaitable[PluginResult]]) -> PluginResult:
        try:
            run = await self._begin(call)
        except InvocationFailed as failed:
            return PluginResult(PluginState.FAIL, error=failed.message, storage=dict(call.storage), answered=False)
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error
        try:
            return await part(_kind_of(run), run)
        except InvocationFailed as failed:
            return run.result(PluginState.FAIL, error=failed.message, answered=False)

    async def _begin(self, call: PluginCall) -> Run:
        name = f"{call.plugin} {call.version}"
        installed = await self._installed.find(call.project_id, call.plugin, call.version)
        if installed is None:
            raise InvocationFailed(f"{name} is not installed in this project; install it and retry")
        if installed.refusal is not None:
            raise InvocationFailed(f"{name} may not run: {installed.refusal}")
        compiled = self._compiled.of(installed.digest, installed.manifest)
        if call.reads_only and compiled.manifest.kind is not PluginKind.COMPONENT:
            raise ChangesRefused(f"what {name} does is its own affair")
        lacking = compiled.scopes - installed.scopes
        if lacking:
            raise InvocationFailed(f"the project has not consented to {', '.join(sorted(lacking))} for {name}")
        lacking = compiled.scopes - call.scopes
        if lacking:
            raise InvocationFailed(f"the task may not use {', '.join(sorted(lacking))}, which {name} needs")
        if refused := call.without_consent(compiled.scopes):
            raise InvocationFailed(refused)
        inputs = with_defaults(compiled.manifest.inputs, dict(call.inputs))
        secrets = await self._open_secrets(call, compiled)
        problems = compiled.inputs.problems(secrets.filled_in(inputs), "inputs")
        if problems:
            said = "; ".join(f"{problem.field} {problem.problem}" for problem in problems[:10])
            raise InvocationFailed(secrets.masked(said))
        if compiled.asks_groups:
            named = list(groups_named(compiled.manifest.inputs, inputs))
            people = await self._groups.joined(call.project_id, named, begun=bool(call.storage))
            call = replace(call, context={**call.context, GROUP_PEOPLE: people})
        sender = _TaskSender(call, compiled, self._components, self._tokens, self._gateway)
        return Run.resumed(call, compiled, sender, inputs, secrets)

    async def _open_secrets(self, call: PluginCall, compiled: Compiled) -> InvocationSecrets:
        """Those that the task's own inputs name: what a plugin fills in itself names none."""
        given = {name: call.inputs.get(name) for name in compiled.secret_inputs}
        named = {
            name: secret
            for name, secret in given.items()
            if isinstance(secret, str) and secret and secret not in call.secrets
        }
        if not named:
            return InvocationSecrets(given=call.secrets) if call.secrets else _NO_SECRETS
        try:
            opened = await self._secrets.open(call.project_id, frozenset(named.values()))
        except SecretUnavailable as error:
            if error.temporary:
                raise PluginUnavailable(str(error)) from error
            raise InvocationFailed(str(error)) from error
        return InvocationSecrets(named, opened, call.secrets)


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
        endpoint = compiled.endpoint
        self._scopes = compiled.scopes if endpoint is None else compiled.scopes | endpoint.scopes
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
        for pause in _RENEWALS_AFTER_SECONDS:
            if not (answer.from_gateway and answer.status == _UNAUTHORIZED):
                break
            # The token was revoked or its key withdrawn since it was kept. Nothing was done with the call.
            self._tokens.drop(token)
            await asyncio.sleep(pause)
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


def _kind_of(run: Run) -> _Kind:
    return _KINDS[run.compiled.manifest.kind]
