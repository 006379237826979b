"""A flow's form as the variables that are filled in when a task is created, its constants as those that are not."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from orchestrator.flow.blueking.export.fields import PICKER, PICKER_TAG, variable_of


def asked(form: Mapping[str, Any] | None, picking: Collection[str] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Input → its constant.

    Args:
        picking: inputs that pick hosts.
    """
    properties: Mapping[str, Any] = {} if form is None else form["schema"].get("properties", {})
    options = dict(_options((form or {}).get("uischema")))
    for name in dict.fromkeys([*(name for name in options if name in properties), *properties]):
        schema = properties[name] if isinstance(properties[name], Mapping) else {}
        told = variable_of(schema, schema.get("default", ""), options.get(name, {}))
        if name in picking:
            told |= {"custom_type": PICKER, "source_tag": PICKER_TAG}
        yield name, {**_words(name, schema), **told, "show_type": "show"}


def hidden(
    constants: Mapping[str, Mapping[str, Any]], value_of: Callable[[Any], Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Constant → the same there.

    Args:
        value_of: what a template is there.
    """
    for name, constant in constants.items():
        schema: Mapping[str, Any] = constant.get("schema") or {}
        told = variable_of(schema, value_of(constant["value"]), {})
        once = {"pre_render_mako": True} if constant.get("once") else {}
        yield name, {**_words(name, schema), **told, **once, "show_type": "hide"}


def _words(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": str(schema.get("title") or name),
        "desc": str(schema.get("description") or ""),
        "source_type": "custom",
        "source_info": {},
    }


def _options(uischema: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Input → what its control is told, in the order of the controls."""
    elements = uischema.get("elements") if isinstance(uischema, Mapping) else None
    for element in elements if isinstance(elements, list) else ():
        match element:
            case {"type": "Control", "scope": str() as scope}:
                options = element.get("options")
                yield scope.removeprefix("#/properties/"), options if isinstance(options, Mapping) else {}
            case _:
                pass
