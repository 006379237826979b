from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.registry.models import DraftComponent
from kernel.db.pages import PageOf, PageRequest, read_page


async def draft_components(session: AsyncSession, system: str) -> list[DraftComponent]:
    """All of the system's, in the order in which a release takes them."""
    rows = await session.execute(
        select(DraftComponent).where(col(DraftComponent.system) == system).order_by(col(DraftComponent.id))
    )
    return list(rows.scalars())


async def draft_page(session: AsyncSession, system: str, page: PageRequest) -> PageOf[DraftComponent]:
    statement = select(DraftComponent).where(col(DraftComponent.system) == system)
    return await read_page(session, statement, col(DraftComponent.id), page)


async def find_draft_component(session: AsyncSession, system: str, name: str) -> DraftComponent | None:
    rows = await session.execute(
        select(DraftComponent).where(col(DraftComponent.system) == system, col(DraftComponent.name) == name)
    )
    return rows.scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a component is served."""

    name: str
    method: str
    path: str
    match_subpath: bool


async def draft_addresses(session: AsyncSession, system: str) -> list[Address]:
    rows = await session.execute(
        select(
            col(DraftComponent.name),
            col(DraftComponent.method),
            col(DraftComponent.path),
            col(DraftComponent.match_subpath),
        ).where(col(DraftComponent.system) == system)
    )
    return [Address(name, method, path, match_subpath) for name, method, path, match_subpath in rows]


async def replace_draft(session: AsyncSession, system: str, components: Sequence[DraftComponent]) -> None:
    await session.execute(delete(DraftComponent).where(col(DraftComponent.system) == system))
    session.add_all(components)
    await session.flush()
