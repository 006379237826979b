"""Flow ↔ JSON. Reading checks every field's presence and type and names each wrong one; the rules are validation's."""

from collections.abc import Mapping
from typing import Any

from orchestrator.flow.model import Edge, Flow, Node, NodeKind, PluginNode
from orchestrator.flow.problems import FlowUnreadable, Problem

MAX_NODES = 10_000
MAX_EDGES = 20_000
MAX_NAME = 200
MAX_TEXT = 100_000
_MAX_PROBLEMS = 100
_REQUIRED = object()


def read_flow(document: object) -> Flow:
    """A flow from its JSON document.

    Raises:
        FlowUnreadable: with up to a hundred problems, each naming its field.
    """
    return _Reader().flow(document)


def write_flow(flow: Flow) -> dict[str, Any]:
    """The JSON document ``read_flow`` reads back to an equal flow."""
    document: dict[str, Any] = {
        "nodes": [_write_node(node) for node in flow.nodes],
        "edges": [_write_edge(edge) for edge in flow.edges],
    }
    if flow.form is not None:
        document["form"] = dict(flow.form)
    if flow.outputs:
        document["outputs"] = dict(flow.outputs)
    if flow.layout:
        document["layout"] = dict(flow.layout)
    return document


def _write_node(node: Node) -> dict[str, Any]:
    written: dict[str, Any] = {"id": node.id, "kind": node.kind.value}
    if node.name:
        written["name"] = node.name
    if isinstance(node, PluginNode):
        written |= {
            "plugin": node.plugin,
            "version": node.version,
            "inputs": dict(node.inputs),
            "retryable": node.retryable,
            "skippable": node.skippable,
        }
    return written


def _write_edge(edge: Edge) -> dict[str, Any]:
    written: dict[str, Any] = {"id": edge.id, "source": edge.source, "target": edge.target}
    if edge.name:
        written["name"] = edge.name
    if edge.condition is not None:
        written["condition"] = edge.condition
    if edge.default:
        written["default"] = True
    return written


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def flow(self, document: object) -> Flow:
        source = self._object(document, "", {"nodes", "edges", "form", "outputs", "layout"})
        if source is None:
            raise FlowUnreadable(self.problems)
        nodes = tuple(
            node
            for index, item in enumerate(self._list(source, "nodes", MAX_NODES))
            if (node := self._node(item, f"nodes[{index}]")) is not None
        )
        edges = tuple(
            edge
            for index, item in enumerate(self._list(source, "edges", MAX_EDGES))
            if (edge := self._edge(item, f"edges[{index}]")) is not None
        )
        form = self._mapping(source, "form", "form") if source.get("form") is not None else None
        if form is not None and not isinstance(form.get("schema"), Mapping):
            self._wrong("form.schema", "must be an object", "give the JSON Schema of the flow's inputs")
        outputs = self._mapping(source, "outputs", "outputs")
        layout = self._mapping(source, "layout", "layout")
        if self.problems:
            raise FlowUnreadable(self.problems[:_MAX_PROBLEMS])
        return Flow(nodes, edges, form, outputs, layout)

    def _node(self, item: object, at: str) -> Node | None:
        common = {"id", "kind", "name"}
        plugin = {"plugin", "version", "inputs", "retryable", "skippable"}
        kind = item.get("kind") if isinstance(item, Mapping) else None
        source = self._object(item, at, common | plugin if kind == NodeKind.PLUGIN else common)
        if source is None:
            return None
        kinds = [known.value for known in NodeKind]
        if kind not in kinds:
            found = "is missing" if kind is None else f"{kind!r} is no kind of node"
            self._wrong(f"{at}.kind", found, f"one of {', '.join(kinds)}")
            return None
        identifier = self._text(source, "id", at, limit=MAX_NAME)
        name = self._text(source, "name", at, limit=MAX_NAME, default="")
        if kind != NodeKind.PLUGIN:
            return Node(identifier, NodeKind(kind), name)
        return PluginNode(
            identifier,
            NodeKind.PLUGIN,
            name,
            plugin=self._text(source, "plugin", at, limit=MAX_NAME),
            version=self._text(source, "version", at, limit=MAX_NAME),
            inputs=self._mapping(source, "inputs", f"{at}.inputs"),
            retryable=self._flag(source, "retryable", at, default=True),
            skippable=self._flag(source, "skippable", at, default=True),
        )

    def _edge(self, item: object, at: str) -> Edge | None:
        source = self._object(item, at, {"id", "source", "target", "condition", "default", "name"})
        if source is None:
            return None
        given = source.get("condition")
        return Edge(
            id=self._text(source, "id", at, limit=MAX_NAME),
            source=self._text(source, "source", at, limit=MAX_NAME),
            target=self._text(source, "target", at, limit=MAX_NAME),
            condition=None if given is None else self._text(source, "condition", at, limit=MAX_TEXT),
            default=self._flag(source, "default", at, default=False),
            name=self._text(source, "name", at, limit=MAX_NAME, default=""),
        )

    def _object(self, value: object, at: str, known: set[str]) -> Mapping[str, Any] | None:
        if not isinstance(value, Mapping):
            self._wrong(at or "definition", f"must be an object, not {_named(value)}")
            return None
        for key in value:
            if key not in known:
                place = f"{at}.{key}" if at else str(key)
                self._wrong(place, "is not known here", f"remove it; known are {', '.join(sorted(known))}")
        return value

    def _list(self, source: Mapping[str, Any], key: str, limit: int) -> list[object]:
        value = source.get(key, _REQUIRED)
        if not isinstance(value, list):
            self._wrong(key, "is missing" if value is _REQUIRED else f"must be a list, not {_named(value)}")
            return []
        if len(value) > limit:
            self._wrong(key, f"has {len(value)} entries", f"at most {limit}")
            return []
        return value

    def _mapping(self, source: Mapping[str, Any], key: str, at: str) -> Mapping[str, Any]:
        value = source.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self._wrong(at, f"must be an object, not {_named(value)}")
            return {}
        return value

    def _text(self, source: Mapping[str, Any], key: str, at: str, *, limit: int, default: object = _REQUIRED) -> str:
        value = source.get(key, default)
        if isinstance(value, str) and (value or default is not _REQUIRED):
            if len(value) > limit:
                self._wrong(f"{at}.{key}", f"has {len(value)} characters", f"at most {limit}")
            return value
        missing = value is _REQUIRED or value == ""
        self._wrong(f"{at}.{key}", "is missing" if missing else f"must be a text, not {_named(value)}")
        return ""

    def _flag(self, source: Mapping[str, Any], key: str, at: str, *, default: bool) -> bool:
        value = source.get(key, default)
        if isinstance(value, bool):
            return value
        self._wrong(f"{at}.{key}", f"must be true or false, not {_named(value)}")
        return default

    def _wrong(self, field: str, message: str, remedy: str = "") -> None:
        self.problems.append(Problem("shape", message, remedy, field=field))


def _named(value: object) -> str:
    if value is None:
        return "null"
    names = {
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)
