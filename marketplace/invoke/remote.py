"""Remote plugins: services that speak the bk_plugin protocol, behind a system of the gateway (reference §1, §2).

The first call begins a run there and may end it. A run that goes on is asked after until it has ended; one whose plugin
tells its end is asked then, and after a while all the same.
"""

from collections.abc import Mapping
from typing import Any

from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from marketplace.invoke.answers import Answer
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.run import Run
from marketplace.package.manifest import INVOKE, SCHEDULE, Remote

_SERVER_ERROR = 500
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
    remote = _remote(run)
    context = _context(run.call, remote)
    body = {"inputs": dict(run.secrets.reveal(run.inputs)), "context": context}
    answer = await run.ask(f"{remote.system}.{INVOKE}", {"version": remote.version}, body)
    if answer.is_error:
        return run.result(PluginState.FAIL, error=answer.failure())
    found = _data(answer)
    trace_id = answer.response.get("trace_id")
    if found.get("state") in (_POLL, _CALLBACK) and not isinstance(trace_id, str):
        raise InvocationFailed(f"{remote.system} began a run and did not say which")
    run.kept["trace_id"] = trace_id
    return _told(run, found, remote)


async def poll(run: Run) -> PluginResult:
    remote = _remote(run)
    answer = await run.ask(f"{remote.system}.{SCHEDULE}", {"trace_id": run.kept.get("trace_id")})
    if answer.status >= _SERVER_ERROR and run.misses < _MISSES:
        run.misses += 1
        run.log.append(f"{answer.failure()}; asking again")
        return _waiting(run, remote)
    run.misses = 0
    if answer.is_error:
        return run.result(PluginState.FAIL, error=answer.failure())
    return _told(run, _data(answer), remote)


async def callback(run: Run, data: Any) -> PluginResult:
    """The plugin tells that the run has ended; how, it is asked. What it sends along says nothing."""
    del data
    run.log.append("Told that the run has ended")
    return await poll(run)


def _remote(run: Run) -> Remote:
    remote = run.compiled.manifest.remote
    if remote is None:
        raise InvocationFailed(f"{run.call.plugin} is no remote plugin")
    return remote


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


def _told(run: Run, found: Mapping[str, Any], remote: Remote) -> PluginResult:
    outputs = found.get("outputs")
    if isinstance(outputs, dict):
        run.outputs = {"trace_id": run.kept.get("trace_id"), **outputs}
    state = found.get("state")
    if state == _SUCCESS:
        return run.result(PluginState.SUCCESS)
    if state == _FAIL:
        said = found.get("err") or "it said nothing"
        return run.result(PluginState.FAIL, error=f"{run.call.plugin} failed: {said}")
    if state not in (_POLL, _CALLBACK):
        raise InvocationFailed(f"{remote.system} answered the state {state!r}, which the protocol does not have")
    return _waiting(run, remote)


def _waiting(run: Run, remote: Remote) -> PluginResult:
    """Who tells the end is asked late, and the less often the longer it takes."""
    polls = run.kept["polls"] = int(run.kept.get("polls", 0)) + 1
    if _tells(remote):
        return run.result(PluginState.CALLBACK, poll_after_seconds=min(_NET_SECONDS * polls, _MOST_SECONDS))
    return run.result(PluginState.POLL, poll_after_seconds=_seconds(polls))


def _tells(remote: Remote) -> bool:
    return remote.tells_end and _END in remote.context


def _seconds(polls: int) -> float:
    if polls <= _FIRST_POLLS:
        return _FIRST_SECONDS
    if polls < _EVEN_POLLS:
        return _EVEN_SECONDS
    return float(min((polls - _EVEN_POLLS + 4) ** 2, _MOST_SECONDS))


def _context(call: PluginCall, remote: Remote) -> dict[str, Any]:
    """Those of the values flows know that the plugin asks for, under BlueKing's names."""
    task, project = call.context.get("task", {}), call.context.get("project", {})
    known: dict[str, Any] = {
        "executor": call.on_behalf_of,
        "language": "zh-hans",
        "operator": call.on_behalf_of,
        "project_id": project.get("id", call.project_id),
        "project_name": project.get("name", project.get("code", "")),
        "task_id": call.task_id,
        "task_name": task.get("name", ""),
    }
    business = project.get("bk_biz_id")
    if business is not None:
        known |= {"bk_biz_id": business, "biz_cc_id": business}
    if _tells(remote):
        known[_END] = {"url": call.callback_url, "data": {}}
    return {name: known[name] for name in remote.context if name in known}
