from collections.abc import Iterable

from kernel.errors import Conflict, FieldProblem, Invalid
from orchestrator.flow.problems import Problem
from orchestrator.flow.renaming import WRONG_NAME


class StaleDraft(Conflict):
    """Somebody saved the draft since it was read."""

    code = "stale_draft"


class FlowRefused(Invalid):
    """The definition can't be read, or breaks rules of a published flow."""

    code = "flow_refused"

    @classmethod
    def because_of(cls, problems: Iterable[Problem]) -> "FlowRefused":
        fields = [
            FieldProblem(place(problem), problem.message, problem.remedy, problem.code, problem.params)
            for problem in problems
        ]
        listed = "; ".join(f"{field.field}: {field.problem}" for field in fields[:5])
        more = f"; and {len(fields) - 5} more" if len(fields) > 5 else ""  # noqa: PLR2004  as the line above
        return cls(listed + more, fields=fields)


def place(problem: Problem) -> str:
    """Where a problem is, as a path into the body of a draft: by node or edge id, else by position."""
    if problem.rule == WRONG_NAME:
        return problem.field or ""
    if problem.node_id is not None and problem.edge_id is None:
        base = f"definition.nodes[{problem.node_id}]"
    elif problem.edge_id is not None:
        base = f"definition.edges[{problem.edge_id}]"
    else:
        base = "definition"
    if not problem.field or problem.field == "definition":
        return base
    return f"{base}.{problem.field}"
