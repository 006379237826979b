"""Components as tools: what their owners wrote down about them is all an agent is told."""

from collections.abc import Mapping
from typing import Any

from gateway.mcp.tools.arguments import read_arguments, read_arguments_in_parts
from gateway.mcp.tools.embedding import unfolded
from gateway.mcp.tools.tool import ComponentCall, Hints, Text, Tool
from gateway.registry.models import ReleaseComponent

MAX_DESCRIPTION = 8_000
_REPLACING = frozenset({"PUT", "PATCH", "DELETE"})
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


def component_tool(name: str, system: str, stage: str, component: ReleaseComponent, *, in_parts: bool = False) -> Tool:
    """The tool for a component as a release has it.

    Args:
        in_parts: arguments in BlueKing's shape.

    Raises:
        ArgumentsRefused: its parameters can't be a tool's arguments.
    """
    method = "POST" if component.method == "ANY" else component.method
    read = read_arguments_in_parts if in_parts else read_arguments
    arguments, schema = read(method, component.path, component.parameters, component.body_schema)
    own_scope = f"{system}.{component.name}"
    return Tool(
        name=name,
        texts=_texts(component),
        input_schema=schema,
        output_schema=None if in_parts else _output_schema(component.response_schema),
        hints=_hints(method, is_read=component.is_read),
        action=ComponentCall(
            system=system,
            component=component.name,
            stage=stage,
            method=method,
            path=component.path,
            own_scope=own_scope,
            scopes=frozenset(component.scopes or [own_scope]),
            arguments=arguments,
        ),
    )


def _hints(method: str, *, is_read: bool) -> Hints:
    """A POST may add or destroy: nobody wrote down which, so nothing is claimed."""
    if is_read:
        return Hints(read_only=True, destructive=False, idempotent=True)
    destructive = True if method in _REPLACING else None
    return Hints(read_only=False, destructive=destructive, idempotent=method in _REPEATABLE)


def _texts(component: ReleaseComponent) -> dict[str, Text]:
    own = Text(component.title or component.name, component.description or component.title)
    found = {"en": own}
    for language, told in component.texts.items():
        title = told.get("title") or own.title
        parts = [told.get("description") or own.description, told.get("doc", "")]
        found[language] = Text(title, "\n\n".join(part for part in parts if part)[:MAX_DESCRIPTION])
    return found


def _output_schema(schema: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The specification wants an object; whatever else a component answers goes as text."""
    found = unfolded(schema) if schema is not None else None
    return found if found is not None and found.get("type") == "object" else None
