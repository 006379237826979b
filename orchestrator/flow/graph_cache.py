"""Graphs that were built, by the id of their definition, which never changes."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph


class GraphCache:
    """The least recently used is dropped past ``limit``."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, Graph] = OrderedDict()

    def get(self, definition_id: str) -> Graph | None:
        graph = self._kept.get(definition_id)
        if graph is not None:
            self._kept.move_to_end(definition_id)
        return graph

    def keep(self, definition_id: str, document: Mapping[str, Any]) -> Graph:
        graph = self._kept[definition_id] = Graph(read_flow(document))
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        return graph
