"""The protocol's addresses below `/bk_plugin/`."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

import trunkline_plugin
from trunkline_plugin.callback_tokens import read_callback_token
from trunkline_plugin.plugin import Plugin
from trunkline_plugin.project import Project, read_form
from trunkline_plugin.serving.answers import answer, body_text, failed, json_answer, not_found, told_time
from trunkline_plugin.serving.callers import Callers
from trunkline_plugin.serving.engine import CANCELLED, Engine
from trunkline_plugin.serving.parameters import Invocation, NotJson, read_invocation, read_json, read_typed_json
from trunkline_plugin.serving.repetition import Repetitions
from trunkline_plugin.serving.store import Store


class Endpoints:
    """Answers what every plugin is asked: what it is, to run, how a run stands."""

    def __init__(self, project: Project, engine: Engine, store: Store, callers: Callers) -> None:
        self._project = project
        self._engine = engine
        self._store = store
        self._callers = callers
        self._repetitions = Repetitions(engine, store)
        self._details: dict[str, dict[str, Any]] = {}

    async def meta(self, _request: Request) -> Response:
        data = {
            "code": self._project.settings.app_code,
            "versions": sorted(self._project.versions, reverse=True),
            "language": "python",
            "description": self._project.description,
            "framework_version": trunkline_plugin.__version__,
            "runtime_version": None,
            "allow_scope": self._project.allow_scope,
        }
        return answer({"result": True, "data": data, "message": ""})

    async def detail(self, request: Request) -> Response:
        version = request.path_params["version"]
        plugin = self._project.versions.get(version)
        if plugin is None:
            return not_found()
        if self._project.settings.is_development:
            plugin.renderform = read_form(self._project.folder, version)
            return answer({"result": True, "data": plugin.dict(), "message": ""})
        if version not in self._details:
            self._details[version] = plugin.dict()
        return answer({"result": True, "data": self._details[version], "message": ""})

    async def invoke(self, request: Request) -> Response:
        caller = await self._callers.in_scope(request)
        plugin = self._project.versions.get(request.path_params["version"])
        if plugin is None:
            return not_found()
        asked = read_invocation(read_typed_json(request.headers.get("content-type", ""), await request.body()))
        key = request.headers.get("idempotency-key", "")
        return json_answer(await self._repetitions.answer(caller.app_code, key, lambda: self._invoked(plugin, asked)))

    async def _invoked(self, plugin: type[Plugin], asked: Invocation) -> str:
        trace_id = new_trace_id()
        outcome = await self._engine.invoke(plugin, trace_id, asked.inputs, asked.context)
        data = {"outputs": outcome.outputs, "state": outcome.state.value, "err": outcome.err}
        return body_text({"result": True, "data": data, "message": "success", "trace_id": trace_id}).decode()

    async def schedule(self, request: Request) -> Response:
        trace_id = request.path_params["trace_id"]
        run = await self._engine.in_thread(lambda: self._store.find(trace_id))
        if run is None:
            return failed(f"can not find schedule for trace_id {trace_id}", new_trace_id())
        offset = self._project.settings.time_offset_hours
        data = {
            "trace_id": trace_id,
            "plugin_version": run.version,
            "state": run.state.value,
            "outputs": run.outputs,
            "err": run.err,
            "created_at": told_time(run.created_at, offset),
            "finish_at": told_time(run.finished_at, offset),
        }
        return answer({"result": True, "data": data, "trace_id": new_trace_id(), "message": ""})

    async def cancel(self, request: Request) -> Response:
        """An addition to the protocol, for plugins whose detail has `enable_cancel`."""
        await self._callers.in_scope(request)
        trace_id = request.path_params["trace_id"]
        run, problem = await self._engine.cancel(trace_id)
        if run is None:
            return failed(f"can not find schedule for trace_id {trace_id}", new_trace_id())
        if problem is not None:
            return failed(problem, new_trace_id())
        data = {"trace_id": trace_id, "cancelled": run.err == CANCELLED}
        return answer({"result": True, "data": data, "trace_id": new_trace_id(), "message": ""})

    async def callback(self, request: Request) -> Response:
        await self._callers.of(request)
        token = request.path_params["token"]
        found = read_callback_token(token, self._project.settings)
        if found is None:
            return answer({"result": False, "message": f"invalid token {token}"}, 400)
        try:
            data = read_json(await request.body() or b"-")
        except NotJson:
            return answer({"result": False, "message": "invalid request body"}, 400)
        callback_id, trace_id = found
        problem = await self._engine.call_back(trace_id, callback_id, data)
        if problem is not None:
            return answer({"result": False, "message": problem}, 400)
        return answer({"result": True, "message": "callback success"})

    async def waiting(self, _request: Request) -> Response:
        """How many runs have not ended: for a host that would like to end the process."""
        return answer({"waiting": await self._engine.in_thread(self._store.unfinished)})

    async def logs(self, request: Request) -> Response:
        trace_id = request.path_params["trace_id"]
        lines = await self._engine.in_thread(lambda: self._store.lines(trace_id))
        return answer({"result": True, "data": {"log": "\n".join(lines)}, "message": ""})


def new_trace_id() -> str:
    return secrets.token_hex(16)
