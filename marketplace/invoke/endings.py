"""How a call or its later news becomes success or failure: the same for the first answer, polls and callbacks."""

from typing import Any

from kernel.contracts.plugin_invoker import PluginResult, PluginState
from marketplace.invoke.answers import Answer
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.run import Run
from marketplace.package.manifest import Callback, Cancel, ComponentStep, FurtherCall, Poll

_SERVER_ERROR = 500
_Part = ComponentStep | Poll | Callback | FurtherCall


def succeeded(run: Run, part: _Part | Cancel, place: str, answer: Answer) -> bool:
    """Whether an answer is a success. An error status is none, unless the condition itself looks at `status`."""
    if part.success is None:
        return not answer.is_error
    if answer.is_error:
        paths = run.compiled.conditions[part.success].paths
        if answer.from_gateway or answer.status >= _SERVER_ERROR or ("status",) not in paths:
            return False
    return run.holds(part.success, f"{place}.success", answer, response=answer.response, status=answer.status)


def failure_text(run: Run, part: _Part | Cancel, answer: Answer) -> str:
    """The failure in the plugin's own words where it has some, else in the system's."""
    if part.error is None or answer.from_gateway:
        return answer.failure()
    try:
        return answer.failure(str(run.fill(part.error, "error", response=answer.response, status=answer.status)))
    except InvocationFailed:
        return answer.failure()


def capture(run: Run, part: _Part, place: str, **more: Any) -> None:
    """Adds the part's outputs to the run's.

    Raises:
        InvocationFailed: an output has no value.
    """
    for name, template in part.outputs.items():
        run.outputs[name] = run.fill(template, f"{place}.outputs.{name}", **more)


async def finish(
    run: Run, part: Poll | Callback, place: str, *, success: bool, error: str, **more: Any
) -> PluginResult | None:
    """Captures outputs and makes the further reads; of a failure as much of both as can be had, for its log.

    Returns:
        The failure; none after a success.
    """
    try:
        capture(run, part, place, **more)
        for index, further in enumerate(part.then):
            await _read_further(run, further, f"{place}.then[{index}]", **more)
    except InvocationFailed as failed:
        if success:
            raise
        run.log.append(failed.message)
    if not success:
        return run.result(PluginState.FAIL, error=error)
    return None


async def _read_further(run: Run, further: FurtherCall, place: str, **more: Any) -> None:
    answer = await run.send(further.call, f"{place}.call", **more)
    if not succeeded(run, further, place, answer):
        raise InvocationFailed(failure_text(run, further, answer))
    capture(run, further, place, **{**more, "response": answer.response, "status": answer.status})
