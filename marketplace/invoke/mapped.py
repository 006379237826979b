"""Component plugins: calls of registered components, as the manifest maps them.

Between two steps the node run is given back, so that where it stands is durable before the next call is made: whoever
takes it up after a crash repeats that call alone, under its own key.
"""

from functools import lru_cache
from typing import Any

from kernel.contracts.plugin_invoker import CancelResult, CancelState, PluginResult, PluginState, PluginUnavailable
from kernel.forms.pointers import dotted
from marketplace.invoke.endings import capture, failure_text, finish, succeeded
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.run import Run
from marketplace.package.manifest import ComponentStep

_SERVER_ERROR = 500
_MISSES = 3
"""Polls in a row that may fail before the node does: they are reads, and one lost answer says nothing of the work."""


async def execute(run: Run) -> PluginResult:
    return await _begin(run)


async def poll(run: Run) -> PluginResult:
    if not run.begun:
        return _ended_before_step(run) if run.call.ending else await _begin(run)
    part = _step(run).poll
    if part is None:
        return run.result(PluginState.FAIL, error=f"{run.call.plugin} does not poll")
    place = _place(run, "poll")
    answer = await run.send(part.call, f"{place}.call")
    seen = {"response": answer.response, "status": answer.status}
    if answer.status >= _SERVER_ERROR and run.misses < _MISSES:
        run.misses += 1
        run.log.append(f"{answer.failure()}; asking again")
        return _waiting(run)
    run.misses = 0
    if answer.is_error:
        return run.result(PluginState.FAIL, error=failure_text(run, part, answer), answered=False)
    if not run.holds(part.done, f"{place}.done", answer, **seen):
        return _waiting(run)
    success = succeeded(run, part, place, answer)
    error = "" if success else failure_text(run, part, answer)
    failure = await finish(run, part, place, success=success, error=error, **seen)
    return failure or _onward(run)


async def callback(run: Run, data: Any) -> PluginResult:
    step = _step(run)
    part, place = step.callback, _place(run, "callback")
    if part is None or not run.begun:
        return run.result(PluginState.FAIL, error=f"{run.call.plugin} waits for no callback")
    try:
        done = run.holds(part.done, f"{place}.done", None, callback=data)
    except InvocationFailed as failed:
        if step.poll is None:
            raise
        run.log.append(f"Called back with what can't be understood: {failed.message}")
        return _waiting(run)
    if not done:
        run.log.append("Called back; not done yet")
        return _waiting(run)
    run.log.append("Called back")
    success = part.success is None or run.holds(part.success, f"{place}.success", None, callback=data)
    error = "the system called back with a failure"
    if not success and part.error is not None:
        error = str(run.fill(part.error, f"{place}.error", callback=data))
    told = f"{step.call.component} failed: {error}"
    failure = await finish(run, part, place, success=success, error=told, callback=data)
    return failure or _onward(run)


async def cancel(run: Run) -> CancelResult:
    """Tells the system of the step that is under way; a server error may pass, and is no answer."""
    part, place = _step(run).cancel, _place(run, "cancel")
    if part is None:
        return run.cancelled(CancelState.NOT_OFFERED)
    if not run.call.storage:
        raise InvocationFailed(f"what {_step(run).call.component} answered is not known, so neither what it began")
    if not run.begun:
        return run.cancelled(CancelState.ENDED)
    answer = await run.send(part.call, f"{place}.call", outputs=run.outputs)
    if answer.status >= _SERVER_ERROR:
        raise PluginUnavailable(answer.failure())
    if not succeeded(run, part, place, answer):
        raise InvocationFailed(failure_text(run, part, answer))
    return run.cancelled(CancelState.CANCELLED)


def _ended_before_step(run: Run) -> PluginResult:
    return run.result(PluginState.FAIL, error=f"the task was revoked before {_label(run)} began")


async def _begin(run: Run) -> PluginResult:
    """Makes the call of the step that is to begin; those whose condition doesn't hold are passed over."""
    while not _is_wanted(run):
        run.log.append(f"{_label(run)} is passed over")
        run.position += 1
        if run.position == len(run.compiled.steps):
            return run.result(PluginState.SUCCESS)
    step = _step(run)
    answer = await run.send(step.call, _place(run, "call"))
    if not succeeded(run, step, _place(run, ""), answer):
        answered = answer.status < _SERVER_ERROR
        return run.result(PluginState.FAIL, error=failure_text(run, step, answer), answered=answered)
    seen = {"response": answer.response, "status": answer.status}
    for name, part in (("", step), ("poll", step.poll), ("callback", step.callback)):
        if part is not None:
            place = _place(run, name)
            run.kept |= {key: run.fill(value, f"{place}.store.{key}", **seen) for key, value in part.store.items()}
    capture(run, step, _place(run, ""), **seen)
    if step.poll is None and step.callback is None:
        return _onward(run)
    run.begun = True
    return _waiting(run)


def _is_wanted(run: Run) -> bool:
    condition = _step(run).when
    return condition is None or run.holds(condition, _place(run, "when"), None)


def _onward(run: Run) -> PluginResult:
    run.position += 1
    run.begun = False
    run.misses = 0
    if run.position == len(run.compiled.steps):
        return run.result(PluginState.SUCCESS)
    return run.result(PluginState.POLL, poll_after_seconds=0)


def _waiting(run: Run) -> PluginResult:
    step = _step(run)
    if step.callback is not None:
        late = step.callback.late_poll_seconds if step.poll is not None else None
        return run.result(PluginState.CALLBACK, poll_after_seconds=late)
    interval = step.poll.interval_seconds if step.poll is not None else None
    return run.result(PluginState.POLL, poll_after_seconds=interval)


def _step(run: Run) -> ComponentStep:
    return run.compiled.steps[run.position]


def _label(run: Run) -> str:
    return _step(run).name or f"Step {run.position + 1}"


def _place(run: Run, part: str) -> str:
    """Where a part of the present step stands in the manifest, as failures name it."""
    mapping = run.compiled.manifest.component
    return _named(mapping.place_of(run.position) if mapping is not None else (), part)


@lru_cache(maxsize=1_024)
def _named(place: tuple[str | int, ...], part: str) -> str:
    return dotted("", [*place, part] if part else place) or "component"
