"""Plugins that speak the bk_plugin protocol behind a system of the gateway: remote and hosted ones (reference §1, §2).

The first call begins a run there and may end it. A run that goes on is asked after until it has ended; one whose plugin
tells its end is asked then, and after a while all the same.
"""

from collections.abc import Mapping
from typing import Any

from kernel.contracts.plugin_invoker import (
    CancelResult,
    CancelState,
    PluginCall,
    PluginResult,
    PluginState,
    PluginUnavailable,
)
from marketplace.invoke.answers import Answer
from marketplace.invoke.endpoint import PluginEndpoint
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.run import Run
from marketplace.package.manifest import CANCEL, INVOKE, LOGS, SCHEDULE

_SERVER_ERROR = 500
_AWAY = 503
"""Of a hosted plugin: nothing was handed to it."""
_MOST_LINES = 200
_MISSES = 10
"""Polls in a row that may fail before the node does: long enough for a plugin to be started again."""
_POLL, _CALLBACK, _SUCCESS, _FAIL = 2, 3, 4, 5
_FIRST_POLLS, _FIRST_SECONDS = 10, 2.0
_EVEN_POLLS, _EVEN_SECONDS = 30, 10.0
_MOST_SECONDS = 600.0
_NET_SECONDS = 60.0
"""How long an end that is to be told is waited for before it is asked after."""
_END = "plugin_callback_info"


async def execute(run: Run) -> PluginResult:
    """Begins the run. A call whose answer is lost is not repeated: nothing tells what became of it."""
    endpoint = _endpoint(run)
    context = _context(run.call, endpoint)
    body = {"inputs": dict(run.secrets.reveal(run.inputs)), "context": context}
    answer = await _asked(run, endpoint, INVOKE, {"version": endpoint.served.version}, body)
    if answer.is_error:
        return run.result(PluginState.FAIL, error=answer.failure(), answered=answer.status < _SERVER_ERROR)
    found = _data(answer)
    trace_id = answer.response.get("trace_id")
    if found.get("state") in (_POLL, _CALLBACK) and not isinstance(trace_id, str):
        raise InvocationFailed(f"{endpoint.system} began a run and did not say which")
    run.kept["trace_id"] = trace_id
    return await _told(run, found, endpoint)


async def poll(run: Run) -> PluginResult:
    endpoint = _endpoint(run)
    answer = await _asked(run, endpoint, SCHEDULE, {"trace_id": run.kept.get("trace_id")})
    if answer.status >= _SERVER_ERROR and run.misses < _MISSES:
        run.misses += 1
        run.log.append(f"{answer.failure()}; asking again")
        return _waiting(run, endpoint)
    run.misses = 0
    if answer.is_error:
        return run.result(PluginState.FAIL, error=answer.failure(), answered=False)
    return await _told(run, _data(answer), endpoint)


async def callback(run: Run, data: Any) -> PluginResult:
    """The plugin tells that the run has ended; how, it is asked. What it sends along says nothing."""
    del data
    run.log.append("Told that the run has ended")
    return await poll(run)


async def cancel(run: Run) -> CancelResult:
    """Ends the run where the plugin says that it can be asked to: the protocol itself has no such call."""
    endpoint = _endpoint(run)
    if not endpoint.served.cancels:
        return run.cancelled(CancelState.NOT_OFFERED)
    trace_id = run.kept.get("trace_id")
    if trace_id is None:
        raise InvocationFailed(f"{endpoint.system} did not say which run it began")
    answer = await _asked(run, endpoint, CANCEL, {"trace_id": trace_id}, {})
    if answer.status >= _SERVER_ERROR:
        raise PluginUnavailable(answer.failure())
    if answer.is_error:
        raise InvocationFailed(answer.failure())
    had_ended = _data(answer).get("cancelled") is False
    return run.cancelled(CancelState.ENDED if had_ended else CancelState.CANCELLED)


def _endpoint(run: Run) -> PluginEndpoint:
    endpoint = run.compiled.endpoint
    if endpoint is None:
        raise InvocationFailed(f"{run.call.plugin} speaks no protocol of its own")
    return endpoint


async def _asked(
    run: Run, endpoint: PluginEndpoint, component: str, path: Mapping[str, Any], body: Any = None
) -> Answer:
    """Raises PluginUnavailable: a hosted plugin is not there yet, and has not been asked."""
    label = f"{endpoint.system}.{component}"
    if endpoint.is_hosted:
        await _require_hosting(run, label)
    answer = await run.ask(label, {**endpoint.path, **path}, body)
    if endpoint.is_hosted and answer.status == _AWAY:
        raise PluginUnavailable(answer.failure())
    return answer


def _data(answer: Answer) -> Mapping[str, Any]:
    """What stands in the protocol's envelope.

    Raises:
        InvocationFailed: it says that the call failed, or it is no such envelope.
    """
    found = answer.response
    if not isinstance(found, dict) or found.get("result") is not True or not isinstance(found.get("data"), dict):
        raise InvocationFailed(answer.failure())
    data: Mapping[str, Any] = found["data"]
    return data


async def _told(run: Run, found: Mapping[str, Any], endpoint: PluginEndpoint) -> PluginResult:
    outputs = found.get("outputs")
    if isinstance(outputs, dict):
        run.outputs = {"trace_id": run.kept.get("trace_id"), **outputs}
    state = found.get("state")
    if endpoint.is_hosted and state in (_SUCCESS, _FAIL):
        await _add_log(run, endpoint)
    if state == _SUCCESS:
        return run.result(PluginState.SUCCESS)
    if state == _FAIL:
        said = found.get("err") or "it said nothing"
        return run.result(PluginState.FAIL, error=f"{run.call.plugin} failed: {said}")
    if state not in (_POLL, _CALLBACK):
        raise InvocationFailed(f"{endpoint.system} answered the state {state!r}, which the protocol does not have")
    return _waiting(run, endpoint)


async def _require_hosting(run: Run, label: str) -> None:
    """The first install of a plugin that is run here has the platform register its system, moments later."""
    try:
        await run.sender.find(label)
    except InvocationFailed as failed:
        raise PluginUnavailable("plugins in Python are being set up here, or no server hosts them") from failed


async def _add_log(run: Run, endpoint: PluginEndpoint) -> None:
    """What the run has logged; that it can't be had fails nothing."""
    try:
        answer = await run.ask(f"{endpoint.system}.{LOGS}", {**endpoint.path, "trace_id": run.kept.get("trace_id")})
        text = _data(answer).get("log")
    except (InvocationFailed, PluginUnavailable):
        return
    if isinstance(text, str) and text:
        run.log.extend(text.splitlines()[-_MOST_LINES:])


def _waiting(run: Run, endpoint: PluginEndpoint) -> PluginResult:
    """Who tells the end is asked late, and the less often the longer it takes."""
    polls = run.kept["polls"] = int(run.kept.get("polls", 0)) + 1
    if _tells(endpoint):
        return run.result(PluginState.CALLBACK, poll_after_seconds=min(_NET_SECONDS * polls, _MOST_SECONDS))
    return run.result(PluginState.POLL, poll_after_seconds=_seconds(polls))


def _tells(endpoint: PluginEndpoint) -> bool:
    return endpoint.served.tells_end and _END in endpoint.served.context


def _seconds(polls: int) -> float:
    if polls <= _FIRST_POLLS:
        return _FIRST_SECONDS
    if polls < _EVEN_POLLS:
        return _EVEN_SECONDS
    return float(min((polls - _EVEN_POLLS + 4) ** 2, _MOST_SECONDS))


def _context(call: PluginCall, endpoint: PluginEndpoint) -> dict[str, Any]:
    """Those of the values flows know that the plugin asks for, under BlueKing's names."""
    task, project = call.context.get("task", {}), call.context.get("project", {})
    known: dict[str, Any] = {
        "executor": call.on_behalf_of,
        "language": "zh-hans",
        "operator": call.launched_by or call.on_behalf_of,
        "project_id": project.get("id", call.project_id),
        "project_name": project.get("name", project.get("code", "")),
        "task_id": call.task_id,
        "task_name": task.get("name", ""),
    }
    business = project.get("bk_biz_id")
    if business is not None:
        known |= {"bk_biz_id": business, "biz_cc_id": business}
    if _tells(endpoint):
        known[_END] = {"url": _reachable(call.callback_url, endpoint), "data": {}}
    return {name: known[name] for name in endpoint.served.context if name in known}


def _reachable(url: str, endpoint: PluginEndpoint) -> str:
    """The way out of a hosted plugin's network ends at the gateway, on this machine, and has no TLS."""
    return url.replace("https://", "http://", 1) if endpoint.is_hosted else url
