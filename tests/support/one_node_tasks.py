"""Tasks of a flow whose one node is a plugin, launched and followed over the management API of a real server."""

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.support.patience import eventually
from tests.support.server import Api

_ENDED = {"FINISHED", "FAILED", "REVOKED", "SUSPENDED"}


@dataclass(slots=True)
class OneNodeTasks:
    """Attributes:
    admin: has the project `shop`, in which the plugin `greet` 1.0.0 is installed.
    """

    admin: Api

    def launch(self, how: str, **inputs: Any) -> str:
        """A task of a flow of its own; its id."""
        made = self.admin.post("/projects/shop/flows", {"name": how, "description": ""})
        ids = ("start", "act", "end")
        act = {"id": "act", "kind": "plugin", "plugin": "greet", "version": "1.0.0", "inputs": {"how": how, **inputs}}
        definition = {
            "nodes": [{"id": "start", "kind": "start"}, act, {"id": "end", "kind": "end"}],
            "edges": [{"id": f"e{n}", "source": a, "target": b} for n, (a, b) in enumerate(pairwise(ids))],
            "form": None,
        }
        draft = {"definition": definition, "draft_version": made["draft_version"]}
        self.admin.put(f"/flows/{made['id']}/draft", draft)
        self.admin.post(f"/flows/{made['id']}:publish", {"comment": ""})
        task: str = self.admin.post(f"/flows/{made['id']}/tasks", {"inputs": {}})["id"]
        return task

    def node(self, task: str) -> dict[str, Any]:
        """The node's latest run; without outputs before it has begun."""
        runs = self.admin.get(f"/tasks/{task}/nodes/act")["runs"]
        return runs[-1] if runs else {"outputs": None}

    def revoked(self, how: str) -> dict[str, Any]:
        """The node of a task that was revoked while its plugin waited, once the plugin was told and the node ended."""
        task = self.launch(how)
        eventually(lambda: self.node(task)["outputs"])
        self.admin.post(f"/tasks/{task}:revoke")
        eventually(lambda: (self.node(task)["cancellation"] or {"state": "waiting"})["state"] != "waiting")
        eventually(lambda: self.node(task)["finished_at"])
        return self.node(task)

    def ended(self, task: str) -> str:
        """The state in which the task ends."""
        for _ in range(1200):
            state: str = self.admin.get(f"/tasks/{task}")["state"]
            if state in _ENDED:
                return state
            time.sleep(0.1)
        raise AssertionError(self.node(task))
