from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, select

from orchestrator.common_flows.models import CommonFlow
from orchestrator.flows.models import FlowRevisionRow, FlowRow


async def published_flows(
    session: AsyncSession, project_id: str, ids: Collection[str] | None, keyword: str
) -> Sequence[FlowRow]:
    """Flows that can be launched, without their drafts; the newest first.

    Args:
        keyword: part of the name, in whatever case.
    """
    statement = (
        select(FlowRow)
        .where(col(FlowRow.project_id) == project_id, col(FlowRow.latest_revision).is_not(None))
        .where(*_narrowed(ids, keyword))
        .options(defer(FlowRow.draft))  # type: ignore[arg-type]
        .order_by(col(FlowRow.id).desc())
    )
    return (await session.execute(statement)).scalars().all()


async def latest_revisions(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """Flow → the number of its latest revision; flows without one are absent."""
    statement = select(FlowRow.id, FlowRow.latest_revision).where(col(FlowRow.id).in_(ids))
    return {flow: number for flow, number in await session.execute(statement) if number is not None}


async def executors_of(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """Flow → whom its latest revision names as executor; flows that name nobody are absent."""
    named = col(FlowRevisionRow.definition)["executor"].as_string()
    statement = (
        select(FlowRow.id, named)
        .join(FlowRevisionRow, col(FlowRevisionRow.flow_id) == col(FlowRow.id))
        .where(col(FlowRow.id).in_(ids), col(FlowRevisionRow.number) == col(FlowRow.latest_revision))
    )
    return {flow: executor for flow, executor in await session.execute(statement) if executor}


async def shared_flows(
    session: AsyncSession, project_ids: Collection[str], ids: Collection[str] | None, keyword: str
) -> Sequence[FlowRow]:
    """As `published_flows`, of the common flows that one of the projects may run."""
    statement = (
        select(FlowRow, CommonFlow)
        .join(CommonFlow, col(CommonFlow.flow_id) == col(FlowRow.id))
        .where(*_narrowed(ids, keyword))
        .options(defer(FlowRow.draft))  # type: ignore[arg-type]
        .order_by(col(FlowRow.id).desc())
    )
    rows = await session.execute(statement)
    return [flow for flow, common in rows if any(common.is_for(project) for project in project_ids)]


def _narrowed(ids: Collection[str] | None, keyword: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [] if ids is None else [col(FlowRow.id).in_(ids)]
    if keyword:
        found.append(col(FlowRow.name).icontains(keyword, autoescape=True))
    return found
