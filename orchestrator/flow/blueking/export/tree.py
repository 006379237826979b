"""A definition as a pipeline tree of Standard OPS.

What is written is read back at once: a part that does not come back as it was is kept beside it, and reported.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.flow.blueking.export.canvas import lines, locations
from orchestrator.flow.blueking.export.conditions import from_cel
from orchestrator.flow.blueking.export.fields import kind_of
from orchestrator.flow.blueking.export.forms import asked, hidden
from orchestrator.flow.blueking.export.nodes import GATEWAY_TYPES, Activities, connected, event, gateway
from orchestrator.flow.blueking.export.outputs import export_outputs
from orchestrator.flow.blueking.export.pickers import Picked, without_steps
from orchestrator.flow.blueking.export.reading_back import comes_back, keep_differences
from orchestrator.flow.blueking.export.variables import Variables
from orchestrator.flow.blueking.report import Remark, Report
from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import FORKING, NodeKind


class NotExportable(Exception):
    """The definition has no tree: the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Exported:
    tree: dict[str, Any]
    remarks: tuple[Remark, ...]


def export_tree(definition: Mapping[str, Any], templates: Mapping[str, str], *, with_pickers: bool = False) -> Exported:
    """The tree of a readable definition.

    Args:
        templates: flow → the id of the template it is there; others keep the flow's.
        with_pickers: steps at the start that work out picked hosts become variables that pick them.

    Raises:
        NotExportable: it has no start or no end, or an edge has none.
        FlowUnreadable: it is no definition.
    """
    flow = read_flow(definition)
    graph, whole = Graph(flow), write_flow(flow)
    picked = without_steps(whole) if with_pickers else Picked(whole)
    export = _Export(picked, graph, templates)
    tree = export.tree()
    if picked.names and not comes_back(tree, whole, templates):
        export = _Export(Picked(whole), graph, templates)
        tree = export.tree()
    report = Report()
    keep_differences(tree, whole, templates, report, export.computed)
    return Exported(tree, tuple(report.remarks))


class _Export:
    """Attributes:
    computed: outputs of the flow for which the tree has variables of their own.
    """

    def __init__(self, picked: Picked, graph: Graph, templates: Mapping[str, str]) -> None:
        self._definition = definition = picked.definition
        self._picked = picked
        self._templates = templates
        self.computed: frozenset[str] = frozenset()
        self._nodes = {node["id"]: node for node in definition["nodes"]}
        self._starts = [node for node in definition["nodes"] if node["kind"] == "start"]
        self._ends = [node for node in definition["nodes"] if node["kind"] == "end"]
        if len(self._starts) != 1 or not self._ends:
            raise NotExportable("a tree has one start and an end: give the flow both")
        loose = [
            edge["id"] for edge in definition["edges"] if not {edge["source"], edge["target"]} <= self._nodes.keys()
        ]
        if loose:
            raise NotExportable(f"the edge {loose[0]} has no node at one end: connect it or remove it")
        self._closing = _closing(graph)
        # A step that has failed goes on or stops there; it has no way of its own for that.
        self._edges = [edge for edge in definition["edges"] if not edge.get("failure")]
        self._out: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self._into: dict[str, list[str]] = defaultdict(list)
        for edge in self._edges:
            self._out[edge["source"]].append(edge)
            self._into[self._target(edge)].append(edge["id"])
        self._asked = dict(asked(definition.get("form"), picked.asked))
        constants: Mapping[str, Any] = definition.get("constants") or {}
        kinds = {name: kind_of(constant.get("schema") or {}) for name, constant in constants.items()}
        kinds |= {name: constant["custom_type"] for name, constant in self._asked.items()}
        self._variables = Variables(
            frozenset(self._asked), frozenset(constants) | picked.hidden.keys(), kinds, picked=picked.names
        )

    def tree(self) -> dict[str, Any]:
        outputs, computed = export_outputs(self._definition.get("outputs") or {}, self._variables)
        activities, gateways = self._parts()
        tree: dict[str, Any] = {
            "start_event": event(self._starts[0], "EmptyStartEvent", "", self._leaving(self._starts[0]["id"])[0]),
            "end_event": event(self._ends[0], "EmptyEndEvent", self._arriving(self._ends[0]["id"]), ""),
            "activities": activities,
            "gateways": gateways,
            "flows": {edge["id"]: self._flow(edge) for edge in self._edges},
        }
        own = dict(hidden(self._definition.get("constants") or {}, self._variables.value))
        named = dict(self._variables.constants())
        constants = {**own, **self._asked, **self._picked.hidden, **computed, **named}
        tree["constants"] = {
            f"${{{name}}}": _constant(name, index, each) for index, (name, each) in enumerate(constants.items())
        }
        tree["outputs"] = outputs
        tree["location"] = locations(tree, self._definition.get("layout") or {})
        tree["line"] = lines(tree["flows"])
        self.computed = frozenset(computed)
        return tree

    def _parts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        activities, gateways = {}, {}
        steps = Activities(self._variables, self._templates)
        for name, node in self._nodes.items():
            if node["kind"] in {"start", "end"}:
                continue
            if node["kind"] in GATEWAY_TYPES:
                part = gateway(node, self._closing.get(name))
                self._decide(part)
                gateways[name] = connected(part, self._arriving(name), self._leaving(name))
            else:
                activities[name] = connected(steps.activity(node), self._arriving(name), self._leaving(name))
        return activities, gateways

    def _decide(self, part: dict[str, Any]) -> None:
        if "conditions" not in part:
            return
        for edge in self._out[part["id"]]:
            tag = f"branch_{part['id']}_{edge['target']}"
            if edge.get("default"):
                part["default_condition"] = {"flow_id": edge["id"], "name": edge.get("name", ""), "tag": tag}
            else:
                source = edge.get("condition") or ""
                evaluate = from_cel(source, self._variables)
                # One that has no counterpart stands there as it is: no engine takes that for true.
                said = source if evaluate is None else evaluate
                part["conditions"][edge["id"]] = {"evaluate": said, "name": edge.get("name", ""), "tag": tag}

    def _flow(self, edge: Mapping[str, Any]) -> dict[str, Any]:
        is_default = bool(edge.get("default"))
        return {"id": edge["id"], "source": edge["source"], "target": self._target(edge), "is_default": is_default}

    def _target(self, edge: Mapping[str, Any]) -> str:
        """A tree has one end only."""
        target: str = edge["target"]
        return target if self._nodes[target]["kind"] != "end" else self._ends[0]["id"]

    def _leaving(self, name: str) -> list[str]:
        return [edge["id"] for edge in self._out[name]] or [""]

    def _arriving(self, name: str) -> list[str]:
        return self._into[name]


def _constant(name: str, index: int, constant: Mapping[str, Any]) -> dict[str, Any]:
    usual = {"name": name, "desc": "", "validation": "", "version": "legacy", "form_schema": {}}
    return {"key": f"${{{name}}}", "index": index, **usual, **constant}


def _closing(graph: Graph) -> dict[str, str]:
    """Parallel or inclusive node → the join its branches come to."""
    inside: dict[str, tuple[str, ...]] = {}
    found: dict[str, str] = {}
    for name in graph.order:
        branches = inside.get(name, ())
        kind = graph.nodes[name].kind
        if kind is NodeKind.JOIN and branches:
            found.setdefault(branches[-1], name)
            branches = branches[:-1]
        onwards = (*branches, name) if kind in FORKING else branches
        for edge in graph.outgoing[name]:
            inside.setdefault(edge.target, onwards)
    return found
