"""Text that somebody sent as YAML or JSON, read without anything being executed or unfolded."""

import json
from typing import Any

import yaml

LONGEST = 10 * 1024 * 1024
"""Characters."""


class Unreadable(ValueError):
    """The text is neither YAML nor JSON; the message says where."""


_PLAIN = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null"))


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Times stay text, and names are text as they were written (`200`, `on`), as JSON has them."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - overridden
        for name, _ in node.value:
            if name.tag in _PLAIN:
                name.tag = "tag:yaml.org,2002:str"
        made: dict[str, Any] = super().construct_mapping(node, deep)
        return made


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str) -> Any:
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
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 1} column {mark.column + 1}" if mark is not None else ""
        raise Unreadable(f"is not YAML: {error.problem or error.context}{where}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable("is not YAML") from error
