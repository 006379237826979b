"""A plugin alone, as a task runs it: one node between start and end, its inputs the task's."""

import json
from collections.abc import Iterable
from typing import Any

from kernel.contracts.plugin_directory import InstalledPlugin

OUTPUTS = "outputs"
"""The one output of the task: all of the plugin's."""

_NODE = "plugin"


def plugin_definition(plugin: InstalledPlugin, given: Iterable[str]) -> dict[str, Any]:
    """The definition of a flow that runs the plugin with the inputs that are given, and answers its outputs."""
    return {
        "nodes": [
            {"id": "start", "kind": "start"},
            {
                "id": _NODE,
                "kind": "plugin",
                "name": plugin.name.get("en") or plugin.code,
                "plugin": plugin.code,
                "version": plugin.version,
                "inputs": {name: f"${{inputs[{json.dumps(name, ensure_ascii=False)}]}}" for name in given},
                "retryable": True,
                "skippable": False,
            },
            {"id": "end", "kind": "end"},
        ],
        "edges": [
            {"id": "before", "source": "start", "target": _NODE},
            {"id": "after", "source": _NODE, "target": "end"},
        ],
        "form": {"schema": dict(plugin.inputs)},
        "outputs": {OUTPUTS: f"${{nodes.{_NODE}.outputs}}"},
    }
