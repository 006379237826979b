from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.errors import Missing
from adapters.cmdb.service.imports.models import HostOrigin
from adapters.cmdb.service.imports.sources.models import ImportSource


class SourceRepository:
    async def all(self, session: AsyncSession) -> Sequence[ImportSource]:
        return (await session.execute(select(ImportSource).order_by(col(ImportSource.name)))).scalars().all()

    async def found(self, session: AsyncSession, source_id: str) -> ImportSource:
        """Raises Missing."""
        found = await session.get(ImportSource, source_id)
        if found is None:
            raise Missing(f"There is no import source {source_id}")
        return found

    async def source(self, session: AsyncSession, source_id: str) -> ImportSource:
        """Kept from others' changes. Raises Missing."""
        found = await session.get(ImportSource, source_id, with_for_update=True, populate_existing=True)
        if found is None:
            raise Missing(f"There is no import source {source_id}")
        return found

    async def any_due(self, session: AsyncSession, now: datetime) -> bool:
        """Whether a source is to be run: asked often, and without a write."""
        return (await session.execute(select(col(ImportSource.id)).where(_due(now)).limit(1))).first() is not None

    async def next_due(self, session: AsyncSession, now: datetime) -> ImportSource | None:
        """Kept from other processes until the unit of work ends."""
        statement = select(ImportSource).where(_due(now)).order_by(col(ImportSource.next_run_at)).limit(1)
        return (await session.execute(statement.with_for_update(skip_locked=True))).scalar_one_or_none()

    async def known(self, session: AsyncSession, source_id: str) -> int:
        """How many hosts came from the source and had not vanished before."""
        own = (col(HostOrigin.source_id) == source_id, col(HostOrigin.missing_since).is_(None))
        return (await session.execute(select(func.count()).select_from(HostOrigin).where(*own))).scalar_one()

    async def vanished(self, session: AsyncSession, source_id: str, run_id: str) -> Sequence[HostOrigin]:
        """Hosts that came from the source earlier, and not in this run."""
        own = (col(HostOrigin.source_id) == source_id, col(HostOrigin.missing_since).is_(None))
        statement = select(HostOrigin).where(*own, col(HostOrigin.run_id) != run_id)
        return (await session.execute(statement.order_by(col(HostOrigin.bk_host_id)))).scalars().all()


def _due(now: datetime) -> ColumnElement[bool]:
    """Its time has come, or the process that ran it is gone."""
    awaited = and_(
        col(ImportSource.enabled).is_(True),
        col(ImportSource.next_run_at).is_not(None),
        col(ImportSource.next_run_at) <= now,
        col(ImportSource.lease_until).is_(None),
    )
    return or_(awaited, and_(col(ImportSource.lease_until).is_not(None), col(ImportSource.lease_until) < now))
