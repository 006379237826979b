from typing import Any, TypeVar

from orchestrator.engine.work import Work
from orchestrator.flow.model import Node

Kind = TypeVar("Kind", bound=Node)


def node_of_kind(work: Work, name: str, kind: type[Kind]) -> Kind:
    """The node of a run, which is known to be of that kind."""
    node = work.graph.nodes[name]
    if not isinstance(node, kind):
        raise TypeError(f"{name} is no {kind.__name__}")
    return node


def flat(given: list[Any]) -> list[str]:
    """Names, where a template may have given a list of them."""
    return [str(name) for each in given for name in (each if isinstance(each, list) else [each])]
