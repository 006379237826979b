"""BlueKing's variables, and what they are called here."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.flow.blueking.host_pickers import choice_of, is_picker, resolver
from orchestrator.flow.blueking.inner_paths import inner_path
from orchestrator.flow.project_variables import NAME

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
_ENV = "_env_"
"""What names of a project's variables begin with there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A variable that is a value of the task: a path as ``${…}`` and CEL name it."""

    path: tuple[str, ...]

    def template(self) -> str:
        return "".join(_step(name, first=index == 0) for index, name in enumerate(self.path))

    cel = template


@dataclass(frozen=True, slots=True)
class Unknown:
    """A variable without a counterpart; ``reason`` says why."""

    reason: str


_OF_OTHERS = frozenset({"component_outputs", "system"})
_TIME = "is the time at which it is named, which nothing stands for: give the time as an input"
_NO_VALUE = {
    "current_time": _TIME,
    "format_support_current_time": _TIME,
    "password": "is a password: keep it among the secrets of the project, and name that",
}
"""Type of variables that have no value here → why."""
OF_CHILD = frozenset({"task_id", "task_name", "task_url"})
"""What a node that runs a task of its own gives besides the outputs of its flow."""

Meaning = Place | Unknown
MAX_FOLLOWED = 20
"""Variables that name one another are followed so far."""


def node_id(given: str) -> str:
    """A BlueKing id as one of ours: it may not begin with a digit."""
    return given if given[:1].isalpha() or given.startswith("_") else f"n{given}"


def bare(key: str) -> str:
    """``${ip}`` → ``ip``."""
    return key.removeprefix("${").removesuffix("}").strip()


class Names:
    """What each variable of a tree means.

    Attributes:
        of_project: variables of the project that were asked for.
    """

    def __init__(self, constants: Mapping[str, Mapping[str, Any]], children: frozenset[str] = frozenset()) -> None:
        """Args:
        children: ids of nodes that run a task of its own: what its flow gives lies one member deeper.
        """
        self._constants = {bare(key): constant for key, constant in constants.items()}
        self._children = children
        self.of_project: set[str] = set()
        self._picked: set[str] = set()

    def picked(self, definition: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
        """Variables that pick hosts and are named in a definition, with their constants; asked for ones first.
        What of it was kept as it is names them by their steps.
        """
        pickers = {name: each for name, each in self._constants.items() if is_picker(each)}
        if not pickers:
            return []
        text, own = json.dumps(definition), {node["id"] for node in definition["nodes"]}
        named = [
            (name, constant)
            for name, constant in pickers.items()
            if resolver(name) not in own and (name in self._picked or f"nodes.{resolver(name)}." in text)
        ]
        return sorted(named, key=lambda one: (not is_asked(one[1]), one[1].get("index") or 0))

    def meaning(self, name: str) -> Meaning:
        """Of a variable by its bare name; of ``_system.X`` too."""
        if name.startswith("_system."):
            path = _SYSTEM.get(name.removeprefix("_system."))
            return Unknown(f"{name} has no counterpart") if path is None else Place(path)
        if name.startswith(_ENV):
            return self._of_project(name.removeprefix(_ENV))
        constant = self._constants.get(name)
        return Unknown(f"there is no variable {name!r}") if constant is None else self._of(name, constant)

    def member(self, name: str, rest: str) -> str:
        """What follows the name of a variable, as it is here.

        Raises:
            NoSuchMember: nothing stands for it.
        """
        constant = self._constants.get(name)
        return rest if constant is None else inner_path(constant.get("custom_type") or "", rest)

    def settled(self, value: Any) -> Any:
        """What a hidden variable stands for where a value is that and nothing else: for places that have to know."""
        for _ in range(MAX_FOLLOWED):
            name = bare(value) if isinstance(value, str) and value.startswith("${") else ""
            constant = self._constants.get(name)
            if constant is None or not is_kept(constant):
                break
            value = constant.get("value")
        return value

    def choice(self, value: Any) -> Any:
        """What a picker of a flow inside is given where its value is a picker of this tree and nothing else: the choice
        itself, not the addresses it comes to. None where it is not.
        """
        name = bare(value) if isinstance(value, str) and value.startswith("${") else ""
        constant = self._constants.get(name)
        if constant is None or not is_picker(constant):
            return None
        return f"${{inputs.{name}}}" if is_asked(constant) else choice_of(constant.get("value"))

    def _of_project(self, name: str) -> Meaning:
        if not NAME.fullmatch(name):
            return Unknown(f"{name!r} can't be the name of a project's variable here")
        self.of_project.add(name)
        return Place(("project", "variables", name))

    def _of(self, name: str, constant: Mapping[str, Any]) -> Meaning:
        if constant.get("source_type") == "component_outputs":
            return _output(name, constant, self._children)
        reason = _NO_VALUE.get(_why_none(constant))
        if reason is not None:
            return Unknown(reason)
        if is_picker(constant):
            self._picked.add(name)
            return Place(("nodes", resolver(name), "outputs", "ips"))
        if is_asked(constant):
            return Place(("inputs", name))
        return Place(("constants", name))


def is_asked(constant: Mapping[str, Any]) -> bool:
    """Whether it is filled in when a task is launched."""
    return constant.get("show_type") == "show" and constant.get("source_type") != "component_outputs"


def is_kept(constant: Mapping[str, Any]) -> bool:
    """Whether it is a constant of ours: nobody is asked, and its value is that of the flow."""
    hidden = constant.get("show_type") != "show" and constant.get("source_type") not in _OF_OTHERS
    return hidden and not is_picker(constant) and _why_none(constant) not in _NO_VALUE


def _why_none(constant: Mapping[str, Any]) -> str:
    kind = str(constant.get("custom_type") or "")
    return "" if kind == "password" and is_asked(constant) else kind


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
