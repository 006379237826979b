"""Whom a flow's newest revision asks to let nodes call in their name."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.executors import repository
from orchestrator.executors.models import ExecutorRequest
from orchestrator.flow.document import read_flow
from orchestrator.flow.executors import acting_nodes, executor_of, names_in, standing_inside
from orchestrator.flow.graph import Graph
from orchestrator.flows.composition import compose
from orchestrator.flows.models import FlowRevisionRow, FlowRow


async def keep_requests(session: AsyncSession, flow: FlowRow, revision: FlowRevisionRow) -> None:
    """Replaces those of the revision before."""
    asked: set[tuple[str, str]] = set()
    if names_in(revision.definition):
        composition = await compose(session, flow.project_id, flow.id, revision.definition)
        asked = set(_asked(Graph(read_flow(composition.definition)), flow.id))
    rows = [_row(flow, revision.published_by, revision.published_at, *each) for each in sorted(asked)]
    await repository.put_requests(session, flow.id, rows)


def _asked(graph: Graph, flow_id: str) -> Iterator[tuple[str, str]]:
    """(the flow nodes stand in, whom they name), but for what flows inside have asked by themselves."""
    for path in acting_nodes(graph):
        executor = executor_of(graph, path, "")
        if executor:
            inner = standing_inside(graph, path)
            yield flow_id if inner is None else inner.flow_id, executor


def _row(flow: FlowRow, by: str, at: datetime, place_id: str, username: str) -> ExecutorRequest:
    return ExecutorRequest(
        flow_id=flow.id, place_id=place_id, username=username, project_id=flow.project_id, asked_by=by, asked_at=at
    )
