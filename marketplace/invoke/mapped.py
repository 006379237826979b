"""Component plugins: calls of registered components, as the manifest maps them."""

from typing import Any

from kernel.contracts.plugin_invoker import PluginResult, PluginState
from marketplace.invoke.endings import capture, failure_text, finish, succeeded
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.run import Run
from marketplace.package.manifest import Poll

_SERVER_ERROR = 500
_MISSES = 3
"""Polls in a row that may fail before the node does: they are reads, and one lost answer says nothing of the work."""


async def execute(run: Run) -> PluginResult:
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


async def poll(run: Run) -> PluginResult:
    part = run.compiled.mapping.poll
    if part is None:
        return run.result(PluginState.FAIL, error=f"{run.call.plugin} does not poll")
    answer = await run.send(part.call, "poll.call")
    seen = {"response": answer.response, "status": answer.status}
    if answer.status >= _SERVER_ERROR and run.misses < _MISSES:
        run.misses += 1
        run.log.append(f"{answer.failure()}; asking again")
        return _waiting(run)
    run.misses = 0
    if answer.is_error:
        return run.result(PluginState.FAIL, error=failure_text(run, part, answer))
    if not run.holds(part.done, "poll.done", answer, **seen):
        return _waiting(run)
    success = succeeded(run, part, "poll", answer)
    error = "" if success else failure_text(run, part, answer)
    return await finish(run, part, "poll", success=success, error=error, **seen)


async def callback(run: Run, data: Any) -> PluginResult:
    part = run.compiled.mapping.callback
    if part is None:
        return run.result(PluginState.FAIL, error=f"{run.call.plugin} waits for no callback")
    try:
        done = run.holds(part.done, "callback.done", None, callback=data)
    except InvocationFailed as failed:
        if run.compiled.mapping.poll is None:
            raise
        run.log.append(f"Called back with what can't be understood: {failed.message}")
        return _waiting(run)
    if not done:
        run.log.append("Called back; not done yet")
        return _waiting(run)
    run.log.append("Called back")
    success = part.success is None or run.holds(part.success, "callback.success", None, callback=data)
    error = "the system called back with a failure"
    if not success and part.error is not None:
        error = str(run.fill(part.error, "callback.error", callback=data))
    first = run.compiled.mapping.call.component
    return await finish(run, part, "callback", success=success, error=f"{first} failed: {error}", callback=data)


def _waiting(run: Run) -> PluginResult:
    mapping = run.compiled.mapping
    if mapping.callback is not None:
        late = mapping.callback.late_poll_seconds if mapping.poll is not None else None
        return run.result(PluginState.CALLBACK, poll_after_seconds=late)
    interval = mapping.poll.interval_seconds if isinstance(mapping.poll, Poll) else None
    return run.result(PluginState.POLL, poll_after_seconds=interval)
