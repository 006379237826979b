"""An input of a flow under another name, with every place that names it. Pure.

What calls the flow from outside, by the names of its inputs, is not of the flow: schedules, triggers, other flows.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from kernel.expressions.errors import ExpressionError
from kernel.expressions.renaming import renamed_in_expression, renamed_in_template
from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.form_renaming import FormRenaming
from orchestrator.flow.model import Flow
from orchestrator.flow.problems import Problem
from orchestrator.flow.uses import uses

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
WRONG_NAME: Final = "input_name"
WOULD_STAY: Final = "input_place"
"""Rules of renaming, which publication does not know: one of the two names is wrong; a place would not follow."""
_ROOT: Final = "inputs"
_TEMPLATES: Final = (
    "inputs", "items", "lock", "seconds", "until", "key", "title", "content", "people", "message", "approvers",
)  # fmt: skip
"""Members of a node that hold templates."""


class NotRenamed(Exception):
    """Attributes:
    problems: why, each with its place: by `WRONG_NAME` in what was asked, by `WOULD_STAY` in the flow.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def with_input_renamed(flow: Flow, before: str, after: str) -> Flow:
    """The flow whose input `before` is `after` in its form and wherever it is referred to.

    Raises:
        NotRenamed: there is no such input, the name can't be given, or a place would not follow.
    """
    problems = [*_wrong_names(flow, before, after), *_wholes(flow)]
    if problems:
        raise NotRenamed(problems)
    return _Renaming(before, after).flow(flow)


def _wrong_names(flow: Flow, before: str, after: str) -> Iterator[Problem]:
    names = _properties(flow)
    if before not in names:
        yield Problem(WRONG_NAME, f"there is no input {before}", "name one of the form", field="name")
    if NAME.fullmatch(after) is None:
        remedy = "begin with a letter or _, then letters, digits and _; at most 60"
        yield Problem(WRONG_NAME, f"{after!r} is no name of an input", remedy, field="to")
    elif after in names:
        yield Problem(WRONG_NAME, f"there is an input {after} already", "choose another name", field="to")
    else:
        for use in uses(flow):
            if use.variable == f"{_ROOT}.{after}":
                message = f"names {after} already, which would mean this input then"
                yield Problem(WOULD_STAY, message, "choose another name", use.node_id, use.edge_id, use.field)


def _wholes(flow: Flow) -> Iterator[Problem]:
    for use in uses(flow):
        if use.variable == _ROOT:
            message = "takes all inputs with their names, or one by a name that is worked out"
            yield Problem(WOULD_STAY, message, "name each input", use.node_id, use.edge_id, use.field)


class _Renaming:
    def __init__(self, before: str, after: str) -> None:
        self._before = before
        self._after = after
        self._problems: list[Problem] = []

    def flow(self, flow: Flow) -> Flow:
        document = write_flow(flow)
        renamed: dict[str, Any] = {
            **document,
            "nodes": [self._node(node) for node in document["nodes"]],
            "edges": [self._edge(edge) for edge in document["edges"]],
        }
        if "outputs" in document:
            renamed["outputs"] = {
                name: self._try(self._template, value, None, None, f"outputs.{name}")
                for name, value in document["outputs"].items()
            }
        if "constants" in document:
            renamed["constants"] = {
                name: {**each, "value": self._try(self._template, each["value"], None, None, f"constants.{name}.value")}
                for name, each in document["constants"].items()
            }
        if document.get("form") is not None:
            form = FormRenaming(self._before, self._after, document["form"]["schema"])
            renamed["form"] = form.form(document["form"])
            self._problems += [
                Problem(WOULD_STAY, left, "write it otherwise", field="form.schema") for left in form.left
            ]
        if self._problems:
            raise NotRenamed(self._problems)
        return read_flow(renamed)

    def _node(self, node: Mapping[str, Any]) -> dict[str, Any]:
        changed = {
            name: self._try(self._template, node[name], node["id"], None, name) for name in _TEMPLATES if name in node
        }
        if node["kind"] == "expression":
            changed["values"] = {
                name: self._try(self._expression, source, node["id"], None, f"values.{name}")
                for name, source in node.get("values", {}).items()
            }
        return {**node, **changed}

    def _edge(self, edge: Mapping[str, Any]) -> dict[str, Any]:
        condition = edge.get("condition")
        if condition is None:
            return dict(edge)
        return {**edge, "condition": self._try(self._expression, condition, edge["source"], edge["id"], "condition")}

    def _template(self, value: Any) -> Any:
        return renamed_in_template(value, _ROOT, self._before, self._after)

    def _expression(self, source: str) -> str:
        return renamed_in_expression(source, _ROOT, self._before, self._after)

    def _try(self, rename: Callable[[Any], Any], value: Any, node: str | None, edge: str | None, field: str) -> Any:
        """As it was where it can't be read and doesn't have the name; else it could be missed."""
        try:
            return rename(value)
        except ExpressionError as error:
            if re.search(rf"\b{re.escape(self._before)}\b", str(value)) is not None:
                message = f"names {self._before}, it seems, and can't be read: {error.message}"
                self._problems.append(Problem(WOULD_STAY, message, "mend it first", node, edge, field))
            return value


def _properties(flow: Flow) -> frozenset[str]:
    properties = (flow.form or {}).get("schema", {}).get("properties")
    return frozenset(properties) if isinstance(properties, Mapping) else frozenset()
