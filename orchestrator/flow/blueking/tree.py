"""A BlueKing pipeline tree as one of our definitions, with a report of what is not plainly the same."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.flow.blueking.conditions import NotConverted, to_cel
from orchestrator.flow.blueking.constants import constants_of
from orchestrator.flow.blueking.converging import gathering
from orchestrator.flow.blueking.forms import Drawn, form_of
from orchestrator.flow.blueking.host_pickers import PLUGIN, VERSION, begin_with, choice_of, loss_of, resolving_node
from orchestrator.flow.blueking.keeping import MEMBER, kept
from orchestrator.flow.blueking.names import Names, bare, is_asked, node_id
from orchestrator.flow.blueking.nodes import (
    CHILD_TASK,
    GATEWAYS,
    Activities,
    Counterparts,
    gateway_node,
    taken_executor,
)
from orchestrator.flow.blueking.report import Remark, Report
from orchestrator.flow.blueking.templates import Templates

_PARTS = ("start_event", "end_event", "activities", "gateways", "flows")
OF_FLOW = ("form", "constants", "outputs", "layout")
"""Members of a definition that a tree says by its variables and its canvas."""


class NoTree(Exception):
    """The document is no pipeline tree; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Converted:
    definition: dict[str, Any]
    remarks: tuple[Remark, ...]


def is_tree(document: Any) -> bool:
    """Whether a document looks like a pipeline tree."""
    return isinstance(document, Mapping) and all(part in document for part in _PARTS)


def conditions_of(tree: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What gateways say of the edges that leave them, by edge."""
    found: dict[str, Mapping[str, Any]] = {}
    for gateway in tree["gateways"].values():
        found.update(gateway.get("conditions") or {})
        default = gateway.get("default_condition") or {}
        if default.get("flow_id"):
            found[default["flow_id"]] = default
    return found


def shown(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The parts that form, outputs and layout are read from."""
    return {name: tree.get(name) for name in ("constants", "outputs", "location")}


def convert_tree(tree: Mapping[str, Any], counterparts: Counterparts, executor: str | None = None) -> Converted:
    """The definition that does the same.

    Args:
        executor: whom the template of the tree names as executor proxy, empty for nobody; none where nothing is known
            of that, and what the tree keeps beside counts.

    Raises:
        NoTree: a part of it is missing or has no such shape.
    """
    try:
        return _Conversion(tree, counterparts, executor).converted()
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NoTree(f"the tree can't be read: {type(error).__name__} {error}") from error


class _Conversion:
    def __init__(self, tree: Mapping[str, Any], counterparts: Counterparts, executor: str | None) -> None:
        missing = [part for part in _PARTS if not isinstance(tree.get(part), Mapping)]
        if missing:
            raise NoTree(f"a pipeline tree has {', '.join(_PARTS)}; missing is {', '.join(missing)}")
        self._tree = tree
        self._constants: Mapping[str, Mapping[str, Any]] = tree.get("constants") or {}
        self._report = Report()
        self._executor = executor
        self._names = Names(self._constants, _children(tree))
        self._counterparts = counterparts
        self._activities = Activities(self._names, self._report, counterparts)
        self._ways = {name: (node_id(way["source"]), node_id(way["target"])) for name, way in tree["flows"].items()}

    def converted(self) -> Converted:
        start, end = self._tree["start_event"], self._tree["end_event"]
        nodes = [
            kept(start) or {"id": node_id(start["id"]), "kind": "start"},
            *(kept(activity) or self._activities.node(activity) for activity in self._tree["activities"].values()),
            *(kept(gateway) or gateway_node(gateway) for gateway in self._tree["gateways"].values()),
            *(kept(end) or [{"id": node_id(end["id"]), "kind": "end"}]),
        ]
        kinds = {node["id"]: node["kind"] for node in nodes}
        dropped = gathering(kinds, list(self._ways.values())) - self._closing()
        beside = self._tree.get(MEMBER) or {}
        definition: dict[str, Any] = {
            "nodes": [node for node in nodes if node["id"] not in dropped],
            "edges": [*self._edges(dropped), *(kept(beside.get("failures") or {}) or ())],
        }
        own = kept(beside.get("flow") or {}, shown(self._tree)) or {}
        read: dict[str, Callable[[], dict[str, Any] | None]] = {
            "form": self._form,
            "constants": lambda: constants_of(self._constants, self._names, self._report),
            "outputs": self._outputs,
            "layout": lambda: self._layout(dropped),
        }
        for name in OF_FLOW:
            part = own[name] if name in own else read[name]()
            if part:
                definition[name] = part
        definition = begin_with(definition, [self._resolving(*one) for one in self._names.picked(definition)])
        for name in sorted(self._names.of_project):
            self._report.note("constants", f"names {name} of the project's variables: the project must have it")
        executor = kept(beside.get("executor") or {}) if self._executor is None else self._executor.strip()
        if executor:
            definition |= taken_executor(executor, "executor_proxy", self._report)
        return Converted(definition, tuple(self._report.remarks))

    def _resolving(self, name: str, constant: Mapping[str, Any]) -> dict[str, Any]:
        place = f"constants.{constant['key']}"
        loss = loss_of(constant)
        if loss:
            self._report.lost(place, loss)
        self._report.note(place, f"is worked out by {PLUGIN} {VERSION}, a standard plugin: install it")
        if is_asked(constant):
            return resolving_node(name, constant, f"${{inputs.{name}}}")
        choice = choice_of(constant.get("value"))
        if choice is None:
            self._report.open(place, "picks no hosts, and nobody is asked for them")
        return resolving_node(name, constant, Templates(self._names, self._report).literal(choice or {}))

    def _form(self) -> dict[str, Any] | None:
        return form_of(self._constants, self._report, self._drawn())

    def _drawn(self) -> Drawn:
        """Inputs of third-party plugins, which bring forms of their own."""
        found: dict[tuple[str, str], dict[str, str]] = {}
        for name, activity in self._tree["activities"].items():
            component = activity.get("component") or {}
            if component.get("code") != "remote_plugin":
                continue
            data = component.get("data") or {}
            code, number = (str((data.get(key) or {}).get("value") or "") for key in ("plugin_code", "plugin_version"))
            plugin, version = self._counterparts.plugins.get(code, (code, number))
            for field in data.keys() - {"plugin_code", "plugin_version"}:
                found[name, bare(field)] = {"plugin": plugin, "version": version, "field": bare(field)}
        return found

    def _edges(self, dropped: frozenset[str]) -> Iterator[dict[str, Any]]:
        """A gateway that only gathers is left out: what led to it leads on to where it led."""
        onwards = {source: target for source, target in self._ways.values() if source in dropped}
        settings, conditions = dict(self._settings()), conditions_of(self._tree)
        for name, (source, target) in self._ways.items():
            if source not in dropped:
                end = _followed(target, onwards)
                own = kept(self._tree["flows"][name], conditions.get(name))
                yield own or {"id": name, "source": source, "target": end, **settings.get(name, {})}

    def _closing(self) -> frozenset[str]:
        """Converge gateways that a parallel one names as its own."""
        named = (gateway.get("converge_gateway_id") for gateway in self._tree["gateways"].values())
        return frozenset(node_id(name) for name in named if name)

    def _settings(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Conditions and defaults, by edge."""
        for gateway in self._tree["gateways"].values():
            if GATEWAYS[gateway["type"]] not in {"exclusive", "inclusive"}:
                continue
            for edge, condition in (gateway.get("conditions") or {}).items():
                yield edge, self._condition(f"gateways.{gateway['id']}.conditions.{edge}", condition)
            default = gateway.get("default_condition") or {}
            if default.get("flow_id"):
                yield default["flow_id"], {"default": True, **_named(default)}

    def _condition(self, place: str, condition: Mapping[str, Any]) -> dict[str, Any]:
        source = str(condition.get("evaluate") or "")
        try:
            return {"condition": to_cel(source, self._names), **_named(condition)}
        except NotConverted as error:
            self._report.open(f"{place}.evaluate", str(error), source, error.position)
            # As it was, so that it can be read; a flow with it can't be published.
            return {"condition": source or "?", **_named(condition)}

    def _outputs(self) -> dict[str, Any]:
        templates = Templates(self._names, self._report)
        return {bare(key): templates.convert(f"${{{bare(key)}}}", "outputs") for key in self._tree.get("outputs") or ()}

    def _layout(self, dropped: frozenset[str]) -> dict[str, Any]:
        places = {node_id(item["id"]): item for item in self._tree.get("location") or () if "x" in item and "y" in item}
        return {name: {"x": item["x"], "y": item["y"]} for name, item in places.items() if name not in dropped}


def _children(tree: Mapping[str, Any]) -> frozenset[str]:
    """Activities that run a task of its own."""
    activities: Mapping[str, Mapping[str, Any]] = tree["activities"]
    return frozenset(
        name for name, activity in activities.items() if (activity.get("component") or {}).get("code") == CHILD_TASK
    )


def _named(condition: Mapping[str, Any]) -> dict[str, str]:
    return {"name": str(condition["name"])[:200]} if condition.get("name") else {}


def _followed(target: str, onwards: Mapping[str, str]) -> str:
    """The first node behind gateways that are left out."""
    for _ in onwards:
        if target not in onwards:
            break
        target = onwards[target]
    return target
