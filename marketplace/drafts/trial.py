"""A plugin run on answers somebody made up: what it would call, and what it would make of them. Nothing is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from kernel.errors import Invalid
from kernel.forms.defaults import with_defaults
from marketplace.invoke import mapped
from marketplace.invoke.answers import Answer
from marketplace.invoke.compiled import CompiledPlugins
from marketplace.invoke.components import CallableComponent, CallableComponents
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.named_groups import GROUP_PEOPLE
from marketplace.invoke.run import Run
from marketplace.invoke.secrets import InvocationSecrets
from marketplace.package.manifest import Manifest, PluginKind

_REQUEST = "trial"
_SECRET = "<secret>"  # noqa: S105  stands for one
_CONTEXT = {
    "task": {"id": "task", "name": "Trial"},
    "project": {"id": "project", "code": "trial", "name": "Trial"},
    GROUP_PEOPLE: "somebody",
}


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    status: int
    response: Any


@dataclass(frozen=True, slots=True)
class TrialCall:
    """Attributes:
    answer: none where there was no further one.
    """

    component: str
    method: str
    target: str
    body: Any
    idempotency_key: str
    answer: SampleAnswer | None


@dataclass(frozen=True, slots=True)
class Trial:
    """Attributes:
    state: none while the last call waits for an answer.
    """

    calls: list[TrialCall]
    state: PluginState | None
    outputs: Mapping[str, Any]
    error: str | None
    log: list[str]


class _OutOfAnswers(Exception):
    """The call that was about to be made is the last one recorded."""


@dataclass(slots=True)
class _SampleSender:
    """Implements `Sender`."""

    components: CallableComponents
    answers: list[SampleAnswer]
    calls: list[TrialCall] = field(default_factory=list)

    async def find(self, label: str) -> CallableComponent:
        return await self.components.find(label)

    async def send(self, component: CallableComponent, target: str, body: Any, idempotency_key: str) -> Answer:
        answer = self.answers.pop(0) if self.answers else None
        method = component.description.method
        self.calls.append(TrialCall(component.label, method, target, body, idempotency_key, answer))
        if answer is None:
            raise _OutOfAnswers
        return Answer(component.label, answer.status, answer.response, _REQUEST)


async def try_plugin(
    manifest: Manifest,
    components: CallableComponents,
    inputs: Mapping[str, Any],
    answers: Sequence[SampleAnswer],
    callbacks: Sequence[Any],
) -> Trial:
    """Runs a component plugin on `answers` to its calls, in their order, and on `callbacks` where it waits for one.

    Raises:
        Invalid: the plugin isn't one that maps components, or the inputs don't fit.
    """
    if manifest.kind is not PluginKind.COMPONENT:
        raise Invalid.field("manifest", "is no component plugin", "Try others where they are served")
    compiled = CompiledPlugins().of("", manifest)
    given = with_defaults(manifest.inputs, dict(inputs))
    problems = compiled.inputs.problems(given, "/inputs")
    if problems:
        raise Invalid("; ".join(f"{p.field} {p.problem}" for p in problems[:5]), fields=problems)
    sender = _SampleSender(components, list(answers))
    named = {name: str(given[name]) for name in compiled.secret_inputs if given.get(name)}
    secrets = InvocationSecrets(named, dict.fromkeys(named.values(), _SECRET))
    call = _call(manifest, given)
    log: list[str] = []
    waiting = list(callbacks)
    result: PluginResult | None = None
    while result is None or result.state in (PluginState.POLL, PluginState.CALLBACK):
        if result is not None:
            call = replace(call, storage=result.storage)
        run = Run.resumed(call, compiled, sender, given, secrets)
        try:
            result = await _advance(run, result, waiting)
        except _OutOfAnswers:
            return Trial(sender.calls, None, dict(run.outputs), None, [*log, *run.log])
        except InvocationFailed as failed:
            result = run.result(PluginState.FAIL, error=failed.message)
        if result is None:
            return Trial(sender.calls, None, dict(run.outputs), None, log)
        log += result.log
    return Trial(sender.calls, result.state, result.outputs, result.error, log)


async def _advance(run: Run, last: PluginResult | None, callbacks: list[Any]) -> PluginResult | None:
    """The next part of a run; none where it waits for a callback that nobody made up."""
    if last is None:
        return await mapped.execute(run)
    if last.state is PluginState.CALLBACK:
        if callbacks:
            return await mapped.callback(run, callbacks.pop(0))
        if last.poll_after_seconds is None:
            return None
    return await mapped.poll(run)


def _call(manifest: Manifest, inputs: Mapping[str, Any]) -> PluginCall:
    return PluginCall(
        node_run_id="run",
        task_id="task",
        project_id="project",
        plugin=manifest.code,
        version=manifest.version,
        inputs=inputs,
        context=_CONTEXT,
        scopes=manifest.scope_names(),
        on_behalf_of="trial",
        callback_url="https://callback.example/trial",
    )
