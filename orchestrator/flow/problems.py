import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.errors import FieldProblem, Param


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a flow, where, and what to do about it.

    Attributes:
        rule: the broken rule's name, stable for programs.
        field: place inside the definition (`nodes[3].inputs.ip`), or inside the node or edge when one is named.
        blocking: false for advice that does not keep a flow from being published.
        code: of `kernel.wording.Wording`, which says the same in other languages; empty of what has English alone.
        params: the values the sentence names.
    """

    rule: str
    message: str
    remedy: str = ""
    node_id: str | None = None
    edge_id: str | None = None
    field: str | None = None
    blocking: bool = True
    code: str = dataclasses.field(default="", compare=False)
    params: Mapping[str, Param] = dataclasses.field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls,
        rule: str,
        said: FieldProblem,
        node_id: str | None = None,
        edge_id: str | None = None,
        *,
        blocking: bool = True,
    ) -> "Problem":
        """What is said of a field, or, where that is empty, of a whole node, edge or flow."""
        return cls(
            rule, said.problem, said.remedy, node_id, edge_id, said.field or None, blocking, said.code, said.params
        )


class FlowUnreadable(Exception):
    """The document is no flow definition; ``problems`` names every place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems[:5]))
        self.problems = tuple(problems)
