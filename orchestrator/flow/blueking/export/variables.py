"""References of ours as variables of Standard OPS, which keeps every value that is named in its constants."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import Path, Reference, parse
from orchestrator.flow.blueking.host_pickers import picked_by
from orchestrator.flow.blueking.inner_paths import outer_path

_KEY = re.compile(r"[A-Za-z0-9_]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SYSTEM = {
    ("task", "id"): "_system.task_id",
    ("task", "name"): "_system.task_name",
    ("task", "created_by"): "_system.operator",
    ("project", "id"): "_system.project_id",
    ("project", "code"): "_system.project_name",
}
_OF_VARIABLE = 3
"""Steps of ``project.variables.<name>``."""
_OF_OUTPUT = 4
"""Steps of ``nodes.<id>.outputs.<name>``."""


@dataclass(slots=True)
class Variables:
    """Names values, and remembers which outputs of nodes were named.

    Args:
        inputs: names of the flow's inputs, which are variables as they are.
        constant_names: and of its constants.
        kinds: type of each of these.
        picked: variables that pick hosts; what their steps give is what they are there.
    """

    inputs: Collection[str]
    constant_names: Collection[str] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    picked: Collection[str] = ()
    outputs: dict[tuple[str, str], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def claim(self, node: str, output: str, name: str) -> bool:
        """Has an output of a node called so, unless the name is taken."""
        known = name in self.inputs or name in self.constant_names or name in self._taken
        if known or not _KEY.fullmatch(name):
            return False
        if self.outputs.setdefault((node, output), name) != name:
            return False
        self._taken.add(name)
        return True

    def reserve(self, name: str) -> None:
        """Keeps a name from outputs of nodes."""
        self._taken.add(name)

    def variable(self, path: Path) -> str | None:
        """What stands between ``${`` and ``}`` for a value; none when nothing does."""
        if path[:2] in _SYSTEM:
            return _SYSTEM[str(path[0]), str(path[1])] + _rest(path[2:])
        if path[:2] == ("project", "variables"):
            return f"_env_{path[2]}{_rest(path[3:])}" if len(path) >= _OF_VARIABLE else None
        return self._of_flow(path)

    def _of_flow(self, path: Path) -> str | None:
        match path:
            case ("inputs", str() as name, *rest) if _KEY.fullmatch(name) and name in self.inputs:
                return name + outer_path(self.kinds.get(name, ""), _rest(rest))
            case ("constants", str() as name, *rest) if name in self.constant_names and name not in self.inputs:
                return name + outer_path(self.kinds.get(name, ""), _rest(rest))
            case ("nodes", str() as node, "outputs", "ips") if (name := picked_by(node)) in self.picked:
                return name
            case ("nodes", str() as node, "outputs", str() as output, *rest):
                return self._named(node, output) + _rest(rest)
            case _:
                return None

    def picks(self, value: Any) -> bool:
        """Whether a template is a choice of hosts that is filled in, and nothing else."""
        match only_reference(value):
            case ("inputs", str() as name):
                return name in self.picked
            case _:
                return False

    def text(self, text: str) -> str:
        """A template as Standard OPS reads it; what has no name there stays as it is."""
        try:
            parts = parse(text)
        except ExpressionError:
            return text
        return "".join(part if isinstance(part, str) else self._reference(part) for part in parts)

    def value(self, value: Any) -> Any:
        """As `text`, with every text inside."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list) else value

    def constants(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Those of the outputs that were named."""
        for (node, output), name in self.outputs.items():
            constant = {"custom_type": "", "source_type": "component_outputs", "show_type": "hide", "value": ""}
            yield name, {**constant, "source_tag": "", "source_info": {node: [output]}}

    def _reference(self, reference: Reference) -> str:
        variable = self.variable(reference.path)
        return reference.text if variable is None else f"${{{variable}}}"

    def _named(self, node: str, output: str) -> str:
        known = self.outputs.get((node, output))
        if known is not None:
            return known
        plain = re.sub(r"\W", "_", output, flags=re.ASCII)
        longer = re.sub(r"\W", "_", f"{plain}_{node}", flags=re.ASCII)
        names = chain((plain, longer), (f"{longer}_{number}" for number in count(2)))
        return next(name for name in names if self.claim(node, output, name))


def output_of(template: Any) -> tuple[str, str] | None:
    """Node and name of the output that a template is and nothing else."""
    path = only_reference(template)
    if path is None or len(path) != _OF_OUTPUT or (path[0], path[2]) != ("nodes", "outputs"):
        return None
    return str(path[1]), str(path[3])


def only_reference(template: Any) -> Path | None:
    """The path of a text that is one reference."""
    try:
        parts = parse(template) if isinstance(template, str) else ()
    except ExpressionError:
        return None
    return parts[0].path if len(parts) == 1 and isinstance(parts[0], Reference) else None


def _rest(steps: Collection[str | int]) -> str:
    return "".join(_step(step) for step in steps)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _NAME.fullmatch(step) else f'["{step}"]'
