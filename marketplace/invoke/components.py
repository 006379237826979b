"""Registered components, remembered for a moment, with their addresses made ready to fill in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from kernel.contracts.components import ComponentDescription, ComponentDirectory
from kernel.db.database import Database
from kernel.timed_cache import TimedCache
from marketplace.invoke.errors import InvocationFailed

_SECONDS = 5.0
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class CallableComponent:
    """Attributes:
    label: `system.component`.
    pieces: the path's literal parts and placeholders in turn, beginning with a literal.
    """

    label: str
    description: ComponentDescription
    pieces: tuple[str, ...]

    def target(self, path: Mapping[str, Any], query: Mapping[str, Any]) -> str:
        """Path and query below the gateway.

        Raises:
            InvocationFailed: a value that can't stand in an address.
        """
        filled = [
            piece if index % 2 == 0 else self._segment(piece, path.get(piece))
            for index, piece in enumerate(self.pieces)
        ]
        target = f"/api/{self.description.system}/prod{''.join(filled)}"
        if not query:
            return target
        pairs = [(name, _scalar(self.label, name, item)) for name, value in query.items() for item in _items(value)]
        return f"{target}?{urlencode(pairs)}" if pairs else target

    def _segment(self, name: str, value: Any) -> str:
        text = _scalar(self.label, name, value)
        if text in ("", ".", ".."):
            raise InvocationFailed(f"{self.label}: {name} is {text!r}, which can't stand in its path")
        return quote(text, safe="")


class CallableComponents:
    def __init__(self, database: Database, directory: ComponentDirectory) -> None:
        self._database = database
        self._directory = directory
        self._cache = TimedCache(self._load, seconds=_SECONDS)

    async def find(self, label: str) -> CallableComponent:
        """Raises:
        InvocationFailed: nothing of this name is served on stage prod.
        """
        found = await self._cache.get(label)
        if found is None:
            self._cache.forget(label)  # it may be registered any moment
            raise InvocationFailed(f"{label} is not served on stage prod any more; ask the owner of the system")
        return found

    async def _load(self, label: str) -> CallableComponent | None:
        system, _, name = label.partition(".")
        async with self._database.reading() as session:
            description = await self._directory.find(session, system, name)
        if description is None:
            return None
        return CallableComponent(label, description, tuple(_PLACEHOLDER.split(description.path)))


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _scalar(label: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    kind = "missing" if value is None else "an object or list"
    raise InvocationFailed(f"{label}: {name} is {kind}, which can't stand in an address")
