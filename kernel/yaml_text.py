"""Text that somebody sent as YAML or JSON, read without anything being executed or unfolded."""

import json
from typing import Any

import yaml

LONGEST = 10 * 1024 * 1024
"""Characters."""
MOST_MERGED = 500_000
"""Members that the merges (`<<`) of one document bring in, all together."""

_DEEPEST = 100
_LONGEST_NUMBER = 100
_PREFIX = "tag:yaml.org,2002:"
_PLAIN = frozenset(f"{_PREFIX}{kind}" for kind in ("int", "float", "bool", "null"))
_MERGE = f"{_PREFIX}merge"


class Unreadable(ValueError):
    """The text is neither YAML nor JSON; the message says where."""


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Times stay text, and names are text as they were written (`200`, `on`), as JSON has them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._merged = 0

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - overridden
        for name, _ in node.value:
            if name.tag in _PLAIN:
                name.tag = f"{_PREFIX}str"
        made: dict[str, Any] = super().construct_mapping(node, deep)
        return made

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Copies what is merged, so that merges of merges would multiply without this count."""
        for name, value in node.value:
            if name.tag != _MERGE:
                continue
            for merged in value.value if isinstance(value, yaml.SequenceNode) else (value,):
                if isinstance(merged, yaml.MappingNode):
                    self.flatten_mapping(merged)
                    self._merged += len(merged.value)
                    if self._merged > MOST_MERGED:
                        raise _wrong(f"merges more than {MOST_MERGED} members", node)
        super().flatten_mapping(node)


def _number(loader: _Loader, node: yaml.ScalarNode) -> int | float:
    """YAML has numbers to base 60, whose reading takes the square of their length, and endless ones to base 16."""
    if len(node.value) > _LONGEST_NUMBER:
        raise _wrong(f"a number is longer than {_LONGEST_NUMBER} characters", node)
    construct = loader.construct_yaml_int if node.tag == f"{_PREFIX}int" else loader.construct_yaml_float
    number: int | float = construct(node)
    return number


def _wrong(problem: str, where: Any) -> yaml.MarkedYAMLError:
    """About a node or an event."""
    return yaml.constructor.ConstructorError(None, None, problem, where.start_mark)


_Loader.add_constructor(f"{_PREFIX}int", _number)
_Loader.add_constructor(f"{_PREFIX}float", _number)
_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag != f"{_PREFIX}timestamp"]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str, *, takes_aliases: bool = True) -> Any:
    """The value of one document. Anchors are shared, not copied: whoever walks through it bounds what he visits.

    Raises:
        Unreadable: naming line and column.
    """
    if len(text) > LONGEST:
        raise Unreadable(f"is longer than {LONGEST} characters")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass  # it may be YAML in flow style, which tells its own errors
    try:
        _check_events(text, takes_aliases=takes_aliases)
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 1} column {mark.column + 1}" if mark is not None else ""
        raise Unreadable(f"is not YAML: {error.problem or error.context}{where}") from error
    except (
        yaml.YAMLError,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
    ) as error:
        # The library checks no text against the tag that stands before it (`!!bool x`).
        raise Unreadable("is not YAML") from error


def _check_events(text: str, *, takes_aliases: bool) -> None:
    """Before anything is built: the library goes as deep as the text does, past the end of the stack."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise _wrong(f"nested deeper than {_DEEPEST} levels", event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent) and not takes_aliases:
            raise _wrong("an alias stands where none is taken", event)
