import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.runtime.store import Store


def definition_id(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON: equal definitions have one id, whatever database reordered their keys."""
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Graphs:
    """Graphs by definition id, shared by all tasks; the least recently used is dropped past ``limit``."""

    def __init__(self, store: Store, limit: int = 256) -> None:
        self._store = store
        self._limit = limit
        self._kept: OrderedDict[str, Graph] = OrderedDict()

    async def get(self, name: str) -> Graph:
        """The graph of a stored definition.

        Raises:
            LookupError: there is none of that id.
        """
        graph = self._kept.get(name)
        if graph is None:
            document = await self._store.definition(name)
            if document is None:
                raise LookupError(f"no definition {name} is stored")
            graph = self._kept[name] = Graph(read_flow(document))
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(name)
        return graph
