from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.publishers.models import NamespaceRow, PublisherRow
from marketplace.versions.models import PluginRow


async def find_publisher(session: AsyncSession, name: str) -> PublisherRow | None:
    return (await session.execute(select(PublisherRow).where(col(PublisherRow.name) == name))).scalar_one_or_none()


async def all_publishers(session: AsyncSession) -> Sequence[PublisherRow]:
    return (await session.execute(select(PublisherRow).order_by(col(PublisherRow.name)))).scalars().all()


async def verified_domains(session: AsyncSession, names: Iterable[str]) -> dict[str, str]:
    """The proven domain of those publishers that have one."""
    statement = select(col(PublisherRow.name), col(PublisherRow.domain)).where(
        col(PublisherRow.name).in_(list(names)), col(PublisherRow.verified_at).is_not(None)
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all() if row[1] is not None}


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
