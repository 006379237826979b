from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a flow, where, and what to do about it.

    Attributes:
        rule: the broken rule's name, stable for programs.
        field: place inside the definition (`nodes[3].inputs.ip`), or inside the node or edge when one is named.
        blocking: false for advice that does not keep a flow from being published.
    """

    rule: str
    message: str
    remedy: str = ""
    node_id: str | None = None
    edge_id: str | None = None
    field: str | None = None
    blocking: bool = True


class FlowUnreadable(Exception):
    """The document is no flow definition; ``problems`` names every place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems[:5]))
        self.problems = tuple(problems)
