import hashlib
import json
from collections.abc import Mapping
from typing import Any

from orchestrator.flow.graph import Graph
from orchestrator.flow.graph_cache import GraphCache
from orchestrator.runtime.store import Store


def definition_id(document: Mapping[str, Any]) -> str:
    """SHA-256 of the JSON as it is written: one that differs in the order of its members alone is another, for people
    see what a task runs by in the order it was written in.
    """
    written = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


class Graphs:
    """Graphs by definition id, shared by all tasks."""

    def __init__(self, store: Store, limit: int = 256) -> None:
        self._store = store
        self._cache = GraphCache(limit)

    async def get(self, name: str) -> Graph:
        """The graph of a stored definition.

        Raises:
            LookupError: there is none of that id.
        """
        graph = self._cache.get(name)
        if graph is not None:
            return graph
        document = await self._store.definition(name)
        if document is None:
            raise LookupError(f"no definition {name} is stored")
        return self._cache.keep(name, document)
