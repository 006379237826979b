from collections.abc import Collection, Sequence

from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.ids import is_id
from orchestrator.labels.models import Favourite, FlowLabel, Label


async def labels_of(session: AsyncSession, project_id: str) -> Sequence[Label]:
    statement = select(Label).where(col(Label.project_id) == project_id).order_by(col(Label.name))
    return (await session.execute(statement)).scalars().all()


async def find_label(session: AsyncSession, label_id: str) -> Label | None:
    return await session.get(Label, label_id) if is_id(label_id) else None


async def find_named(session: AsyncSession, project_id: str, name: str) -> Label | None:
    statement = select(Label).where(col(Label.project_id) == project_id, col(Label.name) == name)
    return (await session.execute(statement)).scalar_one_or_none()


async def count_in(session: AsyncSession, project_id: str) -> int:
    counted = select(func.count()).select_from(Label).where(col(Label.project_id) == project_id)
    return (await session.execute(counted)).scalar_one()


async def remove_label(session: AsyncSession, label: Label) -> None:
    """From the flows that have it too."""
    await session.execute(delete(FlowLabel).where(col(FlowLabel.label_id) == label.id))
    await session.delete(label)


async def labels_on(session: AsyncSession, flow_ids: Collection[str]) -> dict[str, list[str]]:
    """Flow → ids of its labels; flows without any are absent."""
    statement = select(FlowLabel.flow_id, FlowLabel.label_id).where(col(FlowLabel.flow_id).in_(flow_ids))
    found: dict[str, list[str]] = {}
    for flow, label in await session.execute(statement.order_by(col(FlowLabel.label_id))):
        found.setdefault(flow, []).append(label)
    return found


async def put_labels(session: AsyncSession, flow_id: str, label_ids: Collection[str]) -> None:
    """Exactly these."""
    await session.execute(delete(FlowLabel).where(col(FlowLabel.flow_id) == flow_id))
    session.add_all(FlowLabel(flow_id=flow_id, label_id=label) for label in label_ids)
    await session.flush()


async def favourites_among(session: AsyncSession, username: str, flow_ids: Collection[str]) -> frozenset[str]:
    statement = select(Favourite.flow_id).where(
        col(Favourite.username) == username, col(Favourite.flow_id).in_(flow_ids)
    )
    return frozenset((await session.execute(statement)).scalars())


async def find_favourite(session: AsyncSession, username: str, flow_id: str) -> Favourite | None:
    return await session.get(Favourite, (username, flow_id))
