"""BlueKing's variables, and what they are called here."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.flow.blueking.host_pickers import choice_of, is_picker, resolver

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SYSTEM = {
    "task_id": ("task", "id"),
    "task_name": ("task", "name"),
    "operator": ("task", "created_by"),
    "executor": ("task", "created_by"),
    "project_id": ("project", "id"),
    "project_name": ("project", "code"),
}
"""``${_system.X}`` → path."""


@dataclass(frozen=True, slots=True)
class Place:
    """A variable that is a value of the task: a path as ``${…}`` and CEL name it."""

    path: tuple[str, ...]

    def template(self) -> str:
        return "".join(_step(name, first=index == 0) for index, name in enumerate(self.path))

    cel = template


@dataclass(frozen=True, slots=True)
class Fixed:
    """A variable that nobody is asked for: its value, which may name other variables."""

    value: Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """A variable without a counterpart; ``reason`` says why."""

    reason: str


OF_CHILD = frozenset({"task_id", "task_name", "task_url"})
"""What a node that runs a task of its own gives besides the outputs of its flow."""

Meaning = Place | Fixed | Unknown


def node_id(given: str) -> str:
    """A BlueKing id as one of ours: it may not begin with a digit."""
    return given if given[:1].isalpha() or given.startswith("_") else f"n{given}"


def bare(key: str) -> str:
    """``${ip}`` → ``ip``."""
    return key.removeprefix("${").removesuffix("}").strip()


class Names:
    """What each variable of a tree means.

    Attributes:
        picked: variables that pick hosts and were asked for, with their constants.
    """

    def __init__(self, constants: Mapping[str, Mapping[str, Any]], children: frozenset[str] = frozenset()) -> None:
        """Args:
        children: ids of nodes that run a task of its own: what its flow gives lies one member deeper.
        """
        self._constants = {bare(key): constant for key, constant in constants.items()}
        self._children = children
        self.picked: dict[str, Mapping[str, Any]] = {}

    def meaning(self, name: str) -> Meaning:
        """Of a variable by its bare name; of ``_system.X`` too."""
        if name.startswith("_system."):
            path = _SYSTEM.get(name.removeprefix("_system."))
            return Unknown(f"{name} has no counterpart") if path is None else Place(path)
        if name.startswith("_env_"):
            return Unknown("variables of a project have no counterpart yet")
        constant = self._constants.get(name)
        return Unknown(f"there is no variable {name!r}") if constant is None else self._of(name, constant)

    def choice(self, value: Any) -> Any:
        """What a picker of a flow inside is given where its value is a picker of this tree and nothing else: the choice
        itself, not the addresses it comes to. None where it is not.
        """
        name = bare(value) if isinstance(value, str) and value.startswith("${") else ""
        constant = self._constants.get(name)
        if constant is None or not is_picker(constant):
            return None
        return f"${{inputs.{name}}}" if is_asked(constant) else choice_of(constant.get("value"))

    def _of(self, name: str, constant: Mapping[str, Any]) -> Meaning:
        if constant.get("source_type") == "component_outputs":
            return _output(name, constant, self._children)
        if is_picker(constant):
            self.picked[name] = constant
            return Place(("nodes", resolver(name), "outputs", "ips"))
        if is_asked(constant):
            return Place(("inputs", name))
        return Fixed(constant.get("value"))


def is_asked(constant: Mapping[str, Any]) -> bool:
    """Whether it is filled in when a task is launched."""
    return constant.get("show_type") == "show" and constant.get("source_type") != "component_outputs"


def _output(name: str, constant: Mapping[str, Any], children: frozenset[str]) -> Meaning:
    for node, keys in (constant.get("source_info") or {}).items():
        for key in keys:
            given = str(bare(key))
            deeper = ("outputs",) if node in children and given not in OF_CHILD else ()
            return Place(("nodes", node_id(node), "outputs", *deeper, given))
    return Unknown(f"{name!r} is an output of no node")


def _step(name: str, *, first: bool) -> str:
    if first:
        return name
    return f".{name}" if _IDENTIFIER.fullmatch(name) else f"[{json.dumps(name, ensure_ascii=False)}]"
