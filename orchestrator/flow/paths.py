"""Names of nodes inside nodes: ``deploy.check`` lies in the subflow ``deploy``, ``each[2].check`` in the third item of
``each``. Ids of nodes have neither dots nor brackets.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Named = TypeVar("Named")
MAX_PATH = 2048
"""Characters."""
_INDEX = re.compile(r"\[\d+\]")


def static(path: str) -> str:
    """Where the node stands in the definition, whatever item it is run for."""
    return _INDEX.sub("", path) if "[" in path else path


def scope_of(path: str) -> str:
    """The node or item it lies in; empty for a node of the task's own flow."""
    return path.rpartition(".")[0]


def local(path: str) -> str:
    """Its id in the flow it stands in."""
    return path.rpartition(".")[2]


def inside(path: str, container: str) -> bool:
    """Whether it lies in the container, at whatever depth; an item lies in its loop."""
    return path.startswith((f"{container}.", f"{container}["))


def node_in(scope: str, path: str) -> str:
    """Of the nodes of a flow the one that a path inside it lies in, or is."""
    end = path.find(".", len(scope) + 1 if scope else 0)
    return path if end < 0 else path[:end]


def ancestors(path: str) -> Iterator[str]:
    """Everything it lies in, the innermost first: of ``each[2].check``, ``each[2]`` and ``each``."""
    while path:
        path = path.rpartition("[")[0] if path.endswith("]") else scope_of(path)
        if path:
            yield path


def present(runs: Iterable[Named], name: Callable[[Named], str]) -> list[Named]:
    """Of the runs of a task, in their order, those that count: without what lies in an earlier run of its container."""
    kept: list[Named] = []
    containers: set[str] = set()
    for run in runs:
        path = name(run)
        if path in containers:
            kept = [other for other in kept if not inside(name(other), path)]
        if "." in path or "[" in path:
            containers.update(ancestors(path))
        kept.append(run)
    return kept
