"""Where things stand on the canvas."""

from collections.abc import Mapping
from typing import Any, Final

_TYPES: Final = {
    "ServiceActivity": "tasknode",
    "SubProcess": "subflow",
    "ExclusiveGateway": "branchgateway",
    "ParallelGateway": "parallelgateway",
    "ConditionalParallelGateway": "conditionalparallelgateway",
    "ConvergeGateway": "convergegateway",
    "EmptyStartEvent": "startpoint",
    "EmptyEndEvent": "endpoint",
}
_ACROSS, _DOWN, _FIRST = 150, 100, 80


def locations(tree: Mapping[str, Any], layout: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each node where the flow has it, or else in the column of its distance from the start."""
    parts = [tree["start_event"], *tree["activities"].values(), *tree["gateways"].values(), tree["end_event"]]
    columns = _columns(tree)
    taken: dict[int, int] = {}
    found = []
    for part in parts:
        place = layout.get(part["id"])
        if not isinstance(place, Mapping) or not {"x", "y"} <= place.keys():
            column = columns.get(part["id"], 0)
            row = taken[column] = taken.get(column, -1) + 1
            place = {"x": _FIRST + column * _ACROSS, "y": _FIRST + row * _DOWN}
        name = part["name"]
        found.append({"id": part["id"], "type": _TYPES[part["type"]], "name": name, "x": place["x"], "y": place["y"]})
    return found


def lines(flows: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "source": {"id": flow["source"], "arrow": "Right"},
            "target": {"id": flow["target"], "arrow": "Left"},
        }
        for name, flow in flows.items()
    ]


def _columns(tree: Mapping[str, Any]) -> dict[str, int]:
    """Node → ways from the start on the shortest road."""
    onwards: dict[str, list[str]] = {}
    for flow in tree["flows"].values():
        onwards.setdefault(flow["source"], []).append(flow["target"])
    first = tree["start_event"]["id"]
    columns, pending = {first: 0}, [first]
    for name in pending:
        for target in onwards.get(name, ()):
            if target not in columns:
                columns[target] = columns[name] + 1
                pending.append(target)
    return columns
