"""Tasks whose nodes call a component: a whole server process, set up through its management API as people would."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.support.processes import cpu_seconds
from tests.support.project import create_project, publish_flow
from tests.support.server import Api, ServerProcess, free_port

PLUGIN = "cmdb_search_business"
_BUSINESS = "Bench"
_PATIENCE_SECONDS = 300
_OVER = {"FINISHED", "FAILED", "REVOKED"}


@dataclass(frozen=True, slots=True)
class Measured:
    """Attributes:
    cpu: seconds of the server's process: management API, engine, gateway and the system that is called.
    """

    seconds: float
    cpu: float


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
        ids = [self.api.post(f"/flows/{self.flows[name]}/tasks", {"inputs": {}})["id"] for _ in range(tasks)]
        found = [self._ended(task) for task in ids]
        used = cpu_seconds(pid) - before
        began = min(_time(task["started_at"]) for task in found)
        return Measured(max(_time(task["finished_at"]) for task in found) - began, used)

    def _ended(self, task_id: str) -> Any:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            # A view of one node is the cheapest look; the whole task is read once.
            if self.api.get(f"/tasks/{task_id}/nodes/end")["state"] == "FINISHED":
                task = self.api.get(f"/tasks/{task_id}")
                if task["state"] in _OVER:
                    return task
            time.sleep(0.1)
        raise SystemExit(f"task {task_id} did not finish: {self.server.log.read_text()[-2000:]}")


@contextmanager
def serving(folder: Path, database_url: str, documents: Mapping[str, Any]) -> Iterator[Stand]:
    """A server on an empty database, with the inventory registered and every document published as a flow."""
    folder.mkdir(exist_ok=True)
    server = ServerProcess(folder / "data", free_port(), {"TRUNKLINE_DATABASE_URL": database_url})
    server.start()
    try:
        api = server.admin()
        _register_inventory(server, api)
        create_project(api, "bench", f"cmdb/plugins/{PLUGIN}")
        flows = {name: publish_flow(api, "bench", name, document) for name, document in documents.items()}
        yield Stand(server, api, flows)
        api.close()
    finally:
        server.kill()


def calling(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same flow with nodes that look a business up."""
    nodes = [
        {**node, "plugin": PLUGIN, "inputs": {"name": _BUSINESS}} if node["kind"] == "plugin" else node
        for node in document["nodes"]
    ]
    return {**document, "nodes": nodes}


def _register_inventory(server: ServerProcess, api: Api) -> None:
    body = {
        "document": httpx.get(f"{server.url}/systems/cmdb/openapi.json").json(),
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
