"""A task without some of its flow's optional nodes."""

from collections.abc import Mapping, Sequence
from typing import Any

from kernel.errors import FieldProblem
from orchestrator.flow.document import read_flow
from orchestrator.flow.model import Flow, StepNode
from orchestrator.flow.needs import needed_nodes
from orchestrator.launch.errors import NodesRefused


def without(definition: Mapping[str, Any], left_out: Sequence[str]) -> dict[str, Any]:
    """The definition as a task runs it that does without these nodes.

    Raises:
        NodesRefused: one of them is not optional, or another node needs what it gives.
    """
    if not left_out:
        return dict(definition)
    flow = read_flow(definition)
    optional = {node.id for node in flow.nodes if isinstance(node, StepNode) and node.optional}
    problems = [
        FieldProblem(f"/leave_out/{index}", f"{name!r} is no optional node of the flow", "Leave it in")
        for index, name in enumerate(left_out)
        if name not in optional
    ] or _missed(flow, left_out)
    if problems:
        raise NodesRefused("; ".join(problem.problem for problem in problems[:5]), fields=problems)
    return {**definition, "left_out": sorted(set(left_out))}


def _missed(flow: Flow, left_out: Sequence[str]) -> list[FieldProblem]:
    """What stays and needs what goes."""
    gone = {name: index for index, name in enumerate(left_out)}
    problems = []
    for node in flow.nodes:
        ways = [edge for edge in flow.edges if edge.source == node.id]
        for path in needed_nodes(node, ways, flow.constants) if node.id not in gone else ():
            if path[1] in gone:
                problem = f"{node.label} needs what {path[1]} gives"
                problems.append(FieldProblem(f"/leave_out/{gone[str(path[1])]}", problem, "Leave it in"))
    return problems
