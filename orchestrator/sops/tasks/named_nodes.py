"""The nodes of a task by their paths, those inside sub-processes too. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from orchestrator.flow.paths import local, scope_of, static

_NOBODY: Final[Mapping[str, Any]] = {}


class NamedNodes:
    """Args:
    definition: of the task, with the flows inside.
    """

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self._own = _by_id(definition)
        self._inside = {key: _by_id(part) for key, part in (definition.get("subflows") or {}).items()}

    def find(self, path: str) -> Mapping[str, Any]:
        """As the definition writes it; empty where there is none."""
        place = static(path)
        return self._in(scope_of(place)).get(local(place), _NOBODY)

    def _in(self, scope: str) -> Mapping[str, Mapping[str, Any]]:
        if not scope:
            return self._own
        container = self.find(scope)
        return self._inside.get(f"{container.get('flow')}@{container.get('revision')}", _NOBODY)


def _by_id(definition: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {node["id"]: node for node in definition["nodes"]}
