"""YAML as authors mean it: the JSON types only, each name once, no aliases, bounded before it is built."""

import re
from typing import Any, Protocol

import yaml

from marketplace.package.errors import PackageRefused
from marketplace.package.limits import MANIFEST

_MAX_DEPTH = 40
_MAX_EVENTS = 50_000


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's core schema: `no` is a text, `2026-01-01` is a text, `010` is ten."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node), 10)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name_node, value_node in node.value:
        name = loader.construct_object(name_node, deep=True)
        if not isinstance(name, str):
            raise yaml.constructor.ConstructorError(None, None, "a name must be a text", name_node.start_mark)
        if name in made:
            raise yaml.constructor.ConstructorError(None, None, f"{name!r} stands twice", name_node.start_mark)
        made[name] = loader.construct_object(value_node, deep=True)
    return made


_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(text: bytes, at: str = MANIFEST) -> Any:
    """The document as JSON types.

    Raises:
        PackageRefused: with the line where reading stopped.
    """
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackageRefused.one(at, f"is not UTF-8 at byte {error.start}", "Save it as UTF-8") from error
    try:
        _check_events(decoded, at)
        return yaml.load(decoded, Loader=_Loader)  # noqa: S506  a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        raise PackageRefused.one(_line(at, error.problem_mark), error.problem or "can't be read", "") from error
    except (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, ValueError) as error:
        # The library checks no text against the tag that stands before it (`!!bool x`).
        raise PackageRefused.one(at, f"can't be read: {str(error).partition(chr(10))[0][:200]}", "") from error


def _check_events(text: str, at: str) -> None:
    depth = documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise PackageRefused.one(_line(at, event.start_mark), "has an alias or anchor", "Write the value out")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        if documents > 1:
            raise PackageRefused.one(_line(at, event.start_mark), "begins a second document", "Keep the first only")
        if depth > _MAX_DEPTH or count > _MAX_EVENTS:
            raise PackageRefused.one(_line(at, event.start_mark), "is too deep or too long", "Make it smaller")


class _Mark(Protocol):
    @property
    def line(self) -> int: ...


def _line(at: str, mark: _Mark | None) -> str:
    return f"{at} line {mark.line + 1}" if mark is not None else at
