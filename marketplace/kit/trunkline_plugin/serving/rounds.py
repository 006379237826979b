"""One call of `execute`: what it is given is checked, what it leaves is judged. Knows no store and no HTTP."""

import inspect
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from trunkline_plugin.context import Callback, Context
from trunkline_plugin.models import ContextRequire, InputsModel
from trunkline_plugin.plugin import Plugin
from trunkline_plugin.serving.runs import KeptCallback, Run
from trunkline_plugin.states import State

logger = logging.getLogger("bk_plugin")
InThread = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call of `execute` came to.

    Attributes:
        outputs: None where there are none to show.
        err: None where nothing went wrong.
        storage: None where it isn't to be kept.
        poll_seconds: until the next poll.
    """

    state: State
    outputs: dict[str, Any] | None = None
    err: str | None = None
    storage: dict[str, Any] | None = None
    poll_seconds: float | None = None


async def first_round(
    plugin: type[Plugin], trace_id: str, inputs: dict[str, Any], context: dict[str, Any], in_thread: InThread
) -> Outcome:
    """The call that begins a run."""
    try:
        checked = getattr(plugin, "Inputs", InputsModel)(**inputs)
    except ValidationError as error:
        return Outcome(State.FAIL, err=f"inputs validation error: {_told(error)}")
    try:
        data = getattr(plugin, "ContextInputs", ContextRequire)(**context)
    except ValidationError as error:
        return Outcome(State.FAIL, err=f"context validation error: {_told(error)}")
    own = Context(trace_id, data, State.EMPTY, 1)
    worker = plugin()
    try:
        await _execute(worker, checked, own, in_thread)
    except Plugin.Error as error:
        logger.warning("the plugin failed: %s", error)
        return Outcome(State.FAIL, err=f"plugin execute failed: {error}")
    except Exception as error:
        logger.exception("the plugin raised an unexpected error")
        return Outcome(State.FAIL, err=f"plugin execute raise unexpected error: {error}")
    outcome = _judged(worker, own)
    if outcome.state is State.SUCCESS:
        return outcome
    problem = _not_json(own)
    return outcome if problem is None else Outcome(State.FAIL, err=f"plugin context json dumps error: {problem}")


async def next_round(plugin: type[Plugin], run: Run, callback: KeptCallback | None, in_thread: InThread) -> Outcome:
    """A later call. An unforeseen error leaves outputs and storage as they were."""
    try:
        checked = getattr(plugin, "Inputs", InputsModel)(**run.inputs)
        data = getattr(plugin, "ContextInputs", ContextRequire)(**run.context)
    except ValidationError as error:
        logger.exception("what the run was begun with does not fit this version any more")
        return Outcome(State.FAIL, err=f"plugin schedule failed: {_told(error)}")
    called = Callback() if callback is None else Callback(callback.callback_id, callback.data)
    own = Context(
        run.trace_id, data, run.state, run.invoke_count + 1, called, json_copy(run.outputs), json_copy(run.storage)
    )
    worker = plugin()
    failed = None
    try:
        await _execute(worker, checked, own, in_thread)
    except Plugin.Error as error:
        logger.warning("the plugin failed: %s", error)
        failed = f"plugin schedule failed: {error}"
    except Exception as error:
        logger.exception("the plugin raised an unexpected error")
        return Outcome(State.FAIL, err=f"plugin schedule failed: {error}")
    problem = _not_json(own)
    if problem is not None:
        logger.error("what the plugin keeps can't be written as JSON: %s", problem)
        return Outcome(State.FAIL, err=failed or f"plugin context json dumps error: {problem}")
    if failed is not None:
        return Outcome(State.FAIL, own.outputs, failed, own.storage)
    return _judged(worker, own)


async def cancel_round(plugin: type[Plugin], run: Run, in_thread: InThread) -> str | None:
    """Has the plugin end what the run began; answers what went wrong."""
    try:
        checked = getattr(plugin, "Inputs", InputsModel)(**run.inputs)
        data = getattr(plugin, "ContextInputs", ContextRequire)(**run.context)
        own = Context(
            run.trace_id, data, run.state, run.invoke_count, None, json_copy(run.outputs), json_copy(run.storage)
        )
        worker = plugin()
        if inspect.iscoroutinefunction(worker.cancel):
            await worker.cancel(inputs=checked, context=own)
        else:
            await in_thread(lambda: worker.cancel(inputs=checked, context=own))
    except ValidationError as error:
        return _told(error)
    except Plugin.Error as error:
        logger.warning("the plugin could not be cancelled: %s", error)
        return str(error)
    except Exception as error:
        logger.exception("the plugin raised an unexpected error")
        return str(error)
    return None


def json_copy(value: dict[str, Any]) -> dict[str, Any]:
    """A deep copy of JSON; the plugin may change it and fail."""
    copied: dict[str, Any] = json.loads(json.dumps(value))
    return copied


async def _execute(worker: Plugin, inputs: Any, context: Context, in_thread: InThread) -> None:
    if inspect.iscoroutinefunction(worker.execute):
        await worker.execute(inputs=inputs, context=context)
    else:
        await in_thread(lambda: worker.execute(inputs=inputs, context=context))


def _judged(worker: Plugin, context: Context) -> Outcome:
    if worker.is_waiting_poll:
        return Outcome(State.POLL, context.outputs, storage=context.storage, poll_seconds=worker.poll_interval)
    state = State.CALLBACK if worker.is_waiting_callback else State.SUCCESS
    return Outcome(state, context.outputs, storage=context.storage)


def _not_json(context: Context) -> str | None:
    try:
        json.dumps([context.storage, context.outputs])
    except (TypeError, ValueError, RecursionError) as error:
        return str(error)
    return None


def _told(error: ValidationError) -> str:
    """As pydantic 1 told it: a line for the field and one for what is wrong with it."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    head = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} for {error.title}"
    told = [head]
    for problem in problems:
        place = " -> ".join(str(step) for step in problem["loc"]) or "__root__"
        missing = problem["type"] == "missing"
        text = "field required (type=value_error.missing)" if missing else f"{problem['msg']} (type={problem['type']})"
        told += [place, f"  {text}"]
    return "\n".join(told)
