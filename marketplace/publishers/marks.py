"""The verified mark: what has proven who a publisher is."""

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.publishers.models import PublisherRow


def verified_names() -> Select[str]:
    """The names of all who have it."""
    return select(col(PublisherRow.name)).where(col(PublisherRow.verified_at).is_not(None))


async def verified_domains(session: AsyncSession, names: Iterable[str]) -> dict[str, str]:
    """The proven domain of those publishers that have one."""
    statement = select(col(PublisherRow.name), col(PublisherRow.domain)).where(
        col(PublisherRow.name).in_(list(names)), col(PublisherRow.verified_at).is_not(None)
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all() if row[1] is not None}


async def verified_among(session: AsyncSession, names: Iterable[str]) -> frozenset[str]:
    """Those of them that have it."""
    statement = verified_names().where(col(PublisherRow.name).in_(list(names)))
    return frozenset((await session.execute(statement)).scalars())
