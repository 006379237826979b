"""Flows and revisions in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, bindparam, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.contracts.authorizer import Resource
from kernel.db.pages import PageOf, PageRequest, read_page
from kernel.ids import is_id
from orchestrator.flows.models import FlowRevisionRow, FlowRow
from orchestrator.flows.resources import flow_resource
from orchestrator.labels.models import Favourite, FlowLabel


@dataclass(frozen=True, slots=True)
class FlowFilter:
    """Which flows are wanted; what is empty does not matter.

    Attributes:
        name: part of the name, in whatever case.
        label: id of a label they have.
        favourite_of: a person who keeps them at hand.
    """

    name: str = ""
    label: str = ""
    favourite_of: str = ""


EVERY_FLOW: Final = FlowFilter()
_FLOW: Final = select(FlowRow).where(col(FlowRow.id) == bindparam("flow_id"))
_REVISION: Final = select(FlowRevisionRow).where(
    col(FlowRevisionRow.flow_id) == bindparam("flow_id"), col(FlowRevisionRow.number) == bindparam("number")
)


async def find_flow(session: AsyncSession, flow_id: str, *, lock: bool = False) -> FlowRow | None:
    """Args:
    lock: holds the flow until the transaction ends, so that two publications can't take the same number.
    """
    if not is_id(flow_id):
        return None
    statement = _FLOW.with_for_update() if lock else _FLOW
    return (await session.execute(statement, {"flow_id": flow_id})).scalar_one_or_none()


async def find_flow_resource(session: AsyncSession, flow_id: str) -> Resource | None:
    """A `kernel.contracts.resources.ResourceFinder`."""
    flow = await find_flow(session, flow_id)
    return flow_resource(flow.id, flow.project_id) if flow is not None else None


async def list_flows(
    session: AsyncSession, project_id: str, page: PageRequest, wanted: FlowFilter = EVERY_FLOW
) -> PageOf[FlowRow]:
    statement = select(FlowRow).where(col(FlowRow.project_id) == project_id)
    if wanted.name:
        statement = statement.where(col(FlowRow.name).icontains(wanted.name, autoescape=True))
    if wanted.label:
        labelled = select(FlowLabel.flow_id).where(col(FlowLabel.label_id) == wanted.label)
        statement = statement.where(col(FlowRow.id).in_(labelled))
    if wanted.favourite_of:
        favourites = select(Favourite.flow_id).where(col(Favourite.username) == wanted.favourite_of)
        statement = statement.where(col(FlowRow.id).in_(favourites))
    return await read_page(session, statement, col(FlowRow.id), page)


async def list_published(
    session: AsyncSession,
    flow_ids: Collection[str] | None,
    project_ids: Collection[str] | None,
    page: PageRequest,
    *,
    within: str | None = None,
) -> PageOf[FlowRow]:
    """Published flows among `flow_ids` or in `project_ids`; `None` for either means all.

    Args:
        within: the only project whose flows count.
    """
    statement = select(FlowRow).where(col(FlowRow.latest_revision).is_not(None))
    if within is not None:
        statement = statement.where(col(FlowRow.project_id) == within)
    if flow_ids is not None and project_ids is not None:
        statement = statement.where(or_(col(FlowRow.id).in_(flow_ids), col(FlowRow.project_id).in_(project_ids)))
    return await read_page(session, statement, col(FlowRow.id), page)


async def save_draft(
    session: AsyncSession, flow_id: str, seen: int, draft: dict[str, Any], *, by: str, at: datetime
) -> bool:
    """Writes the draft if its version is still `seen`; the one statement decides between two who save at once."""
    statement = (
        update(FlowRow)
        .where(col(FlowRow.id) == flow_id, col(FlowRow.draft_version) == seen)
        .values(draft=draft, draft_version=seen + 1, updated_by=by, updated_at=at)
        .execution_options(synchronize_session=False)
    )
    result = cast("CursorResult[Any]", await session.execute(statement))
    return result.rowcount == 1


async def find_revision(session: AsyncSession, flow_id: str, number: int) -> FlowRevisionRow | None:
    return (await session.execute(_REVISION, {"flow_id": flow_id, "number": number})).scalar_one_or_none()


async def list_revisions(session: AsyncSession, flow_id: str, page: PageRequest) -> PageOf[FlowRevisionRow]:
    statement = select(FlowRevisionRow).where(col(FlowRevisionRow.flow_id) == flow_id)
    return await read_page(session, statement, col(FlowRevisionRow.id), page, newest_first=True)
