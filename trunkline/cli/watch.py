"""Following a task on the command line."""

import json
import time
from typing import Any

import httpx
import typer

from trunkline.cli.client import ApiClient, fail

_OVER = frozenset({"FINISHED", "FAILED", "SKIPPED"})
_STOPPED = frozenset({"FINISHED", "FAILED", "REVOKED"})
_TRIES = 30
_PAUSE_SECONDS = 1.0


def follow(api: ApiClient, task_id: str, *, as_json: bool) -> None:
    """Prints each node as it finishes, until the task has ended or waits for a person.

    Exit code 1 unless the task finished. A broken stream is taken up again.
    """
    task = api.get(f"/tasks/{task_id}")
    printer = _Printer(task, as_json=as_json)
    for _ in range(_TRIES):
        try:
            with api.events(f"/tasks/{task_id}/events") as events:
                for event, data in events:
                    printer.take(event, data)
                    if printer.stopped:
                        break
        except httpx.TransportError:
            time.sleep(_PAUSE_SECONDS)
        if printer.stopped:
            printer.close()
            return
    fail(f"The stream of task {task_id} broke off {_TRIES} times; is the server running?")


class _Printer:
    def __init__(self, task: Any, *, as_json: bool) -> None:
        self._names = {node["id"]: node.get("name") or node["id"] for node in task["definition"]["nodes"]}
        self._kinds = {node["id"]: node["kind"] for node in task["definition"]["nodes"]}
        self._seen: set[tuple[str, int]] = set()
        self._json = as_json
        self._name: str = task["name"]
        self._state = ""
        if not as_json:
            typer.echo(f"Task {task['id']}  {self._name}")

    @property
    def stopped(self) -> bool:
        return self._state in _STOPPED

    def take(self, event: str, data: Any) -> None:
        """One event of the stream."""
        if event == "node":
            self._node(data)
        elif event == "task":
            for node in sorted(data.get("nodes", {}).values(), key=lambda node: node["finished_at"] or ""):
                self._node(node)
            self._state = data["state"]

    def close(self) -> None:
        """The last line, and the exit code."""
        if not self._json:
            typer.echo(f"{self._state}  {self._name}")
        if self._state != "FINISHED":
            raise typer.Exit(1)

    def _node(self, node: Any) -> None:
        key = (node["node_id"], node["attempt"])
        if node["state"] not in _OVER or key in self._seen:
            return
        self._seen.add(key)
        if self._json:
            typer.echo(json.dumps(node, ensure_ascii=False))
        elif self._kinds.get(node["node_id"]) == "plugin":
            error = f"  {node['error']}" if node["error"] else ""
            typer.echo(f"  {node['finished_at']}  {node['state']:<9} {self._names[node['node_id']]}{error}")
