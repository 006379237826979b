"""A flow with the flows it runs inside, each in the revision it is to have: what a task is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.common_flows.repository import is_common_for
from orchestrator.flow.model import NodeKind
from orchestrator.flows import repository
from orchestrator.flows.models import FlowRevisionRow, FlowRow

MAX_DEPTH = 20
MAX_NODES = 50_000
"""Nodes of a task, those of a flow counted as often as it is run inside others."""
_CALLING = frozenset({NodeKind.SUBFLOW.value, NodeKind.MAP.value})

Call = tuple[str, int | None]
"""A flow and the revision it is pinned to, as a node names them."""


@dataclass(frozen=True, slots=True)
class Composition:
    """Attributes:
    definition: with every flow inside, revisions filled in.
    revisions: those used, the flow's own not among them.
    called: what the nodes of the flow itself call.
    problems: calls that can't be made, and why.
    foreign: flows inside that are another project's.
    """

    definition: dict[str, Any]
    revisions: tuple[FlowRevisionRow, ...]
    called: Mapping[Call, FlowRevisionRow]
    problems: Mapping[Call, str]
    foreign: frozenset[str] = frozenset()


async def compose(
    session: AsyncSession, project_id: str, flow_id: str, definition: Mapping[str, Any], home: str | None = None
) -> Composition:
    """Finds every flow that this one runs inside it.

    Args:
        project_id: the project that runs it.
        home: that of a common flow, which is another.
    """
    composer = _Composer(session, project_id)
    called: dict[Call, FlowRevisionRow] = {}
    problems: dict[Call, str] = {}
    for call in _calls(definition):
        try:
            called[call] = await composer.take(call, (flow_id,), home or project_id)
        except _Unusable as error:
            problems[call] = str(error)
    size = len(definition["nodes"]) + sum(composer.parts[_key(row)].size for row in called.values())
    if size > MAX_NODES:
        problems |= dict.fromkeys(called, f"the flow would have {size} nodes, at most {MAX_NODES} are run")
    document = _filled(definition, called)
    if composer.parts:
        document["subflows"] = {key: part.definition for key, part in sorted(composer.parts.items())}
    return Composition(
        document, tuple(part.row for part in composer.parts.values()), called, problems, frozenset(composer.foreign)
    )


class _Unusable(Exception):
    """The flow can't be run inside; the text says why."""


@dataclass(frozen=True, slots=True)
class _Part:
    row: FlowRevisionRow
    definition: dict[str, Any]
    depth: int
    size: int


@dataclass(slots=True)
class _Composer:
    session: AsyncSession
    project_id: str
    parts: dict[str, _Part] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)

    async def take(self, call: Call, outer: tuple[str, ...], home: str) -> FlowRevisionRow:
        """The revision of a call, with everything inside it among the parts.

        Args:
            home: the project of the flow that calls.

        Raises:
            _Unusable: it, or a flow inside it.
        """
        flow_id, _ = call
        if flow_id in outer:
            raise _Unusable("it leads back to a flow it is run inside of")
        if len(outer) > MAX_DEPTH:
            raise _Unusable(f"flows lie deeper than {MAX_DEPTH} inside one another")
        row, owner = await self._revision(call, home)
        if _key(row) not in self.parts:
            called = {inner: await self.take(inner, (*outer, flow_id), owner) for inner in _calls(row.definition)}
            within = [self.parts[_key(inner)] for inner in called.values()]
            depth = 1 + max((part.depth for part in within), default=0)
            size = len(row.definition["nodes"]) + sum(part.size for part in within)
            self.parts[_key(row)] = _Part(row, _filled(row.definition, called), depth, size)
        if len(outer) - 1 + self.parts[_key(row)].depth > MAX_DEPTH:
            raise _Unusable(f"flows lie deeper than {MAX_DEPTH} inside one another")
        return row

    async def _revision(self, call: Call, home: str) -> tuple[FlowRevisionRow, str]:
        """With the project that the flow belongs to."""
        flow_id, number = call
        flow = await repository.find_flow(self.session, flow_id)
        if flow is None or not (flow.project_id == home or await self._is_common(flow)):
            raise _Unusable(f"the project has no flow {flow_id!r}")
        if flow.project_id != home and number is None:
            raise _Unusable(f"the flow {flow.name!r} is another project's: name the revision to run")
        if flow.project_id != self.project_id:
            self.foreign.add(flow_id)
        wanted = flow.latest_revision if number is None else number
        row = None if wanted is None else await repository.find_revision(self.session, flow_id, wanted)
        if row is None:
            missing = "is not published yet" if wanted is None else f"has no revision {wanted}"
            raise _Unusable(f"the flow {flow.name!r} {missing}")
        return row, flow.project_id

    async def _is_common(self, flow: FlowRow) -> bool:
        return await is_common_for(self.session, flow.id, self.project_id)


def _calls(definition: Mapping[str, Any]) -> list[Call]:
    found = (_call(node) for node in definition["nodes"] if node["kind"] in _CALLING)
    return list(dict.fromkeys(found))


def _call(node: Mapping[str, Any]) -> Call:
    return node["flow"], node.get("revision")


def _key(row: FlowRevisionRow) -> str:
    return f"{row.flow_id}@{row.number}"


def _filled(definition: Mapping[str, Any], called: Mapping[Call, FlowRevisionRow]) -> dict[str, Any]:
    """The definition with the revision of each call, as far as there is one."""

    def filled(node: dict[str, Any]) -> dict[str, Any]:
        row = called.get(_call(node)) if node["kind"] in _CALLING else None
        return node if row is None else {**node, "revision": row.number}

    return {**definition, "nodes": [filled(node) for node in definition["nodes"]]}
