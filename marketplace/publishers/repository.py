from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.db.pages import PageRequest, cursor_after
from marketplace.publishers.models import NamespaceRow, PublisherRow
from marketplace.versions.models import PluginRow


async def find_publisher(session: AsyncSession, name: str) -> PublisherRow | None:
    return (await session.execute(select(PublisherRow).where(col(PublisherRow.name) == name))).scalar_one_or_none()


async def page_of_publishers(session: AsyncSession, page: PageRequest) -> tuple[Sequence[PublisherRow], str | None]:
    """By name, and the cursor of the next page."""
    name = col(PublisherRow.name)
    statement = select(PublisherRow).order_by(name).limit(page.limit + 1)
    if page.after is not None:
        statement = statement.where(name > page.after)
    rows = (await session.execute(statement)).scalars().all()
    items = rows[: page.limit]
    return items, cursor_after(items[-1].name) if len(rows) > page.limit else None


async def claim_check(session: AsyncSession, before: datetime, now: datetime) -> PublisherRow | None:
    """The verified one that was looked at longest ago, where that is before; noted as looked at now."""
    row = PublisherRow
    is_due = (col(row.verified_at).is_not(None), col(row.checked_at) < before)
    due = select(col(row.name)).where(*is_due).order_by(col(row.checked_at)).limit(1)
    statement = update(row).where(col(row.name).in_(due), *is_due).values(checked_at=now).returning(row)
    return (await session.execute(statement.execution_options(synchronize_session=False))).scalar_one_or_none()


async def others_names(session: AsyncSession, owner: str) -> Sequence[str]:
    """The names of publishers that are not this owner's."""
    statement = select(col(PublisherRow.name)).where(col(PublisherRow.owner) != owner)
    return (await session.execute(statement)).scalars().all()


async def others_codes(session: AsyncSession, publisher: str) -> Sequence[str]:
    """The codes of all plugins of other publishers."""
    statement = select(col(PluginRow.code)).where(col(PluginRow.publisher) != publisher)
    return (await session.execute(statement)).scalars().all()


async def all_namespaces(session: AsyncSession) -> Sequence[NamespaceRow]:
    return (await session.execute(select(NamespaceRow).order_by(col(NamespaceRow.prefix)))).scalars().all()


async def find_namespace(session: AsyncSession, prefix: str) -> NamespaceRow | None:
    statement = select(NamespaceRow).where(col(NamespaceRow.prefix) == prefix).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()
