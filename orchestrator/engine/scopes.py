from collections.abc import Mapping
from typing import Any

Seen = Mapping[str, Any]
"""Outputs, state and loop of a node, as expressions see them."""


class Scopes:
    """What nodes inside containers left, by container; the mappings it began with stay as they were."""

    def __init__(self, kept: Mapping[str, Mapping[str, Seen]]) -> None:
        self.kept = kept
        self._own: dict[str, Mapping[str, Seen]] | None = None
        self._copies: dict[str, dict[str, Seen]] = {}

    def nodes(self, container: str) -> Mapping[str, Seen]:
        return self.kept.get(container, {})

    def keep(self, container: str, node: str, seen: Seen) -> None:
        copy = self._copies.get(container)
        if copy is None:
            copy = self._copies[container] = dict(self.kept.get(container, {}))
            self._writable()[container] = copy
        copy[node] = seen

    def forget(self, container: str) -> None:
        if container in self.kept:
            del self._writable()[container]
            self._copies.pop(container, None)

    def _writable(self) -> dict[str, Mapping[str, Seen]]:
        if self._own is None:
            self.kept = self._own = dict(self.kept)
        return self._own
