"""The document of a package as flows of a project. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from kernel.errors import FieldProblem
from orchestrator.flow.document import read_flow
from orchestrator.flow.model import NodeKind
from orchestrator.flow.problems import FlowUnreadable
from orchestrator.flow_market.packing import CALLING
from orchestrator.flows.composition import MAX_DEPTH

MAIN: Final = ""
"""The flow itself, among the parts of a package."""

VersionFor = Callable[[str, str], str]
"""Plugin and the version it was made with → the version that the project has for it."""


def definitions_of(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Part → its definition; one that others run comes before them.

    Raises:
        ValueError: flows run one another in a circle, or lie too deep inside one another.
    """
    every = {MAIN: document["definition"], **{name: part["definition"] for name, part in document["flows"].items()}}
    ordered: dict[str, dict[str, Any]] = {}

    def place(name: str, outer: tuple[str, ...]) -> None:
        if name in outer:
            raise ValueError(f"the flow {name!r} runs itself")
        if len(outer) > MAX_DEPTH:
            raise ValueError(f"flows lie deeper than {MAX_DEPTH} inside one another")
        for node in every[name]["nodes"]:
            if node["kind"] in CALLING and node["flow"] not in ordered:
                place(node["flow"], (*outer, name))
        ordered[name] = every[name]

    for name in (*document["flows"], MAIN):
        if name not in ordered:
            place(name, ())
    return ordered


def in_project(definition: Mapping[str, Any], flows: Mapping[str, str], version_for: VersionFor) -> dict[str, Any]:
    """A definition of the package as a project runs it.

    Args:
        flows: part → the flow's id; one that is not known yet keeps its name.
    """

    def placed(node: Mapping[str, Any]) -> dict[str, Any]:
        if node["kind"] in CALLING:
            return {**node, "flow": flows.get(node["flow"], node["flow"])}
        if node["kind"] == NodeKind.PLUGIN:
            return {**node, "version": version_for(node["plugin"], node["version"])}
        return dict(node)

    return {**definition, "nodes": [placed(node) for node in definition["nodes"]]}


def nobody_named(document: Mapping[str, Any]) -> list[str]:
    """Nodes that ask or tell people and name none, by their names: whom, the project says."""
    parts = definitions_of(document).values()
    nodes = [node for definition in parts for node in definition["nodes"]]
    return list(dict.fromkeys(node.get("name") or node["id"] for node in nodes if _names_nobody(node)))


def _names_nobody(node: Mapping[str, Any]) -> bool:
    if node["kind"] == NodeKind.APPROVAL:
        return not node.get("approvers")
    return node["kind"] == NodeKind.NOTIFY and not (node.get("people") or node.get("launcher"))


class PackedDefinitions:
    """A `kernel.contracts.flow_market.FlowDefinitions`."""

    def problems(self, document: Mapping[str, Any]) -> list[FieldProblem]:
        """Why the flows of a package can't be read; empty where they can."""
        return list(_problems(document))


def _problems(document: Mapping[str, Any]) -> Iterator[FieldProblem]:
    parts = {"definition": document["definition"]}
    parts |= {f"flows.{name}.definition": part["definition"] for name, part in document["flows"].items()}
    for place, definition in parts.items():
        try:
            read_flow(definition)
        except FlowUnreadable as error:
            for problem in error.problems:
                where = ".".join(part for part in (place, problem.node_id, problem.field) if part)
                yield FieldProblem(f"flow.json: {where}", problem.message, problem.remedy)
            return
    try:
        definitions_of(document)
    except ValueError as error:
        yield FieldProblem("flow.json: flows", str(error), "Publish it anew from the flow's page")
