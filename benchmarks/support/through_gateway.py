"""Tasks whose nodes call a component: a whole server process, set up through its management API as people would."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.support.processes import cpu_seconds, running
from tests.support.packages import archive_of
from tests.support.project import create_project, install_archive, publish_flow
from tests.support.server import Api, ServerProcess, free_port

INVENTORY = "cmdb_search_business"
OUTSIDE = "outside_lookup"
"""Plugins: of the embedded inventory, and of a system in another process that answers at once."""
_BUSINESS = "Bench"
_OUTSIDE_DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "A system outside", "version": "1.0.0"},
    "paths": {
        "/governed/lookup": {
            "post": {"operationId": "lookup", "summary": "Look up", "responses": {"200": {"description": "Found"}}}
        }
    },
}
_OUTSIDE_PLUGIN = {
    "code": OUTSIDE,
    "version": "1.0.0",
    "kind": "component",
    "publisher": "bench",
    "name": {"en": "Look up outside", "zh": "外部查询"},
    "description": {"en": "Asks a system outside.", "zh": "查询外部系统。"},
    "inputs": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    "outputs": {"type": "object", "properties": {"bk_biz_id": {"type": "integer"}}},
    "scopes": [{"scope": "outside:write", "reason": {"en": "To look up.", "zh": "查询。"}}],
    "component": {
        "call": {"component": "outside.lookup", "body": {"name": "${inputs.name}"}},
        "success": "response.result",
        "outputs": {"bk_biz_id": "${response.data.info[0].bk_biz_id}"},
    },
}
_PATIENCE_SECONDS = 300
_LOOK_SECONDS = 0.5
_FEWEST_LAUNCHES = 5
_OVER = {"FINISHED", "FAILED", "REVOKED"}


@dataclass(frozen=True, slots=True)
class Measured:
    """Attributes:
    cpu: seconds of the server's process: management API, engine, gateway and the system that is called.
    launching: of these, what the launches took: as many were made again, of tasks that don't begin.
    """

    seconds: float
    cpu: float
    launching: float


@dataclass(slots=True)
class Stand:
    server: ServerProcess
    api: Api
    flows: dict[str, str]

    def measure(self, name: str, tasks: int) -> Measured:
        """From the first launch to the end of the last task.

        Raises:
            SystemExit: a task did not finish.
        """
        assert self.server.process is not None
        pid = self.server.process.pid
        before = cpu_seconds(pid)
        found = self._ended([self._launch(name, start=True) for _ in range(tasks)])
        used = cpu_seconds(pid) - before
        launches = max(tasks, _FEWEST_LAUNCHES)
        before = cpu_seconds(pid)
        for _ in range(launches):
            self._launch(name, start=False)
        launching = (cpu_seconds(pid) - before) / launches * tasks
        began = min(_time(task["started_at"]) for task in found)
        return Measured(max(_time(task["finished_at"]) for task in found) - began, used, launching)

    def _launch(self, name: str, *, start: bool) -> str:
        task: str = self.api.post(f"/flows/{self.flows[name]}/tasks", {"inputs": {}, "start": start})["id"]
        return task

    def _ended(self, ids: Sequence[str]) -> list[Any]:
        """All in one look, as whoever follows many tasks does."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found: list[Any] = self.api.post("/tasks:status", {"tasks": list(ids)})["items"]
            if all(task["state"] in _OVER for task in found):
                return found
            time.sleep(_LOOK_SECONDS)
        raise SystemExit(f"tasks did not finish: {self.server.log.read_text()[-2000:]}")


@contextmanager
def serving(folder: Path, database_url: str, documents: Mapping[str, Any]) -> Iterator[Stand]:
    """A server on an empty database, with both systems registered and every document published as a flow."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    upstream = f"http://127.0.0.1:{port}"
    environment = {"TRUNKLINE_DATABASE_URL": database_url, "TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS": upstream}
    server = ServerProcess(folder / "data", free_port(), environment)
    with ExitStack() as stack:
        command = [sys.executable, "-m", "benchmarks.support.upstream", str(port)]
        stack.enter_context(running(command, port, folder / "upstream.log"))
        server.start()
        stack.callback(server.kill)
        api = server.admin()
        stack.callback(api.close)
        _register_inventory(server, api)
        system = {"document": _OUTSIDE_DOCUMENT, "name": "outside", "upstream_url": upstream, "signing": "jwt"}
        api.post("/systems:import", system)
        create_project(api, "bench", f"cmdb/plugins/{INVENTORY}")
        install_archive(api, "bench", archive_of(_OUTSIDE_PLUGIN))
        flows = {name: publish_flow(api, "bench", name, document) for name, document in documents.items()}
        yield Stand(server, api, flows)


def calling(document: Mapping[str, Any], plugin: str) -> dict[str, Any]:
    """The same flow with nodes that look a business up."""
    nodes = [
        {**node, "plugin": plugin, "inputs": {"name": _BUSINESS}} if node["kind"] == "plugin" else node
        for node in document["nodes"]
    ]
    return {**document, "nodes": nodes}


def _register_inventory(server: ServerProcess, api: Api) -> None:
    body = {
        "document": httpx.get(f"{server.url}/systems/cmdb/openapi.json", timeout=_PATIENCE_SECONDS).json(),
        "name": "cmdb",
        "aliases": ["cc"],
        "upstream_url": f"{server.url}/systems/cmdb",
        "signing": "http-message-signature",
    }
    api.post("/systems:import", body)
    secret = api.post("/apps", {"app_code": "bench", "name": "Bench", "description": ""})["app_secret"]
    asked = {"app_code": "bench", "system": "cmdb", "components": ["create_business"], "reason": "bench"}
    for grant in api.post("/grants", asked)["items"]:
        api.post(f"/grants/{grant['id']}:approve", {"comment": ""})
    form = {"grant_type": "client_credentials"}
    token = httpx.post(f"{server.url}/oauth/token", data=form, auth=("bench", secret)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{server.url}/api/cmdb/prod/create_business"
    answer = httpx.post(url, json={"data": {"bk_biz_name": _BUSINESS}}, headers=headers).json()
    if answer.get("result") is not True:
        raise SystemExit(f"the inventory refused its first business: {answer}")


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
