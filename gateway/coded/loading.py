"""Coded components that are installed beside the server."""

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

import structlog
from pydantic import BaseModel

from gateway.coded.component import Component
from gateway.coded.shipped import SHIPPED
from gateway.fields import COMPONENT_NAME, SYSTEM_NAME
from kernel.http.component_document import Words

GROUP: Final = "trunkline.components"

_log = structlog.get_logger()
_TARGET = re.compile(rf"{SYSTEM_NAME[1:-1]}\.{COMPONENT_NAME[1:-1]}")


def installed_components() -> list[Component[Any]]:
    """Those that come with the product, and those of the entry points of this environment."""
    return load_components(entry_points(group=GROUP), SHIPPED)


def load_components(points: Iterable[EntryPoint], shipped: Iterable[Component[Any]] = ()) -> list[Component[Any]]:
    """`shipped`, and what can be loaded besides. What can't is logged and left out: one bad package must not keep a
    gateway from starting.
    """
    found = {(component.system, component.name): component for component in shipped}
    for point in sorted(points, key=lambda each: (each.name, each.value)):
        try:
            component = _component(point.load(), found)
        except Exception as error:  # noqa: BLE001 - the code of others may fail in any way
            _log.error("coded_component_refused", entry_point=point.name, value=point.value, reason=str(error))
            continue
        found[component.system, component.name] = component
    return list(found.values())


def _component(kind: Any, found: Mapping[tuple[str, str], Any]) -> Component[Any]:
    if not isinstance(kind, type) or not issubclass(kind, Component):
        raise TypeError("is no class that extends gateway.coded.Component")
    component: Component[Any] = kind()
    if not re.fullmatch(SYSTEM_NAME, component.system) or not re.fullmatch(COMPONENT_NAME, component.name):
        raise ValueError("has no name, or no system, that the gateway can register")
    if (component.system, component.name) in found:
        raise ValueError(f"is {component.system}.{component.name}, as another one is")
    if not issubclass(component.inputs, BaseModel):
        raise TypeError("has inputs that are no pydantic model")
    if not all(isinstance(words, Words) for words in (component.title, component.description)):
        raise TypeError("has a title or description that is not Words")
    if component.method not in ("GET", "POST") or component.seconds <= 0:
        raise ValueError("has a method other than GET and POST, or no time to run")
    for target in component.invokes:
        if not _TARGET.fullmatch(target):
            raise ValueError(f"invokes {target!r}, which is not written as system.component")
    return component
