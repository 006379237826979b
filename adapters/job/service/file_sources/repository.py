"""Reads and writes file sources."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.job.service.errors import Missing
from adapters.job.service.file_sources.models import JobFileSource
from adapters.job.service.file_sources.schemas import ListFileSources


class FileSourceRepository:
    async def source(
        self, session: AsyncSession, scope: tuple[str, str], source_id: int, *, for_change: bool = False
    ) -> JobFileSource:
        """Raises:
        Missing: there is none in this scope.
        """
        statement = select(JobFileSource).where(*_of(scope), col(JobFileSource.id) == source_id)
        found = (await session.execute(statement.with_for_update() if for_change else statement)).scalar_one_or_none()
        if found is None:
            raise Missing(f"{' '.join(scope)} has no file source {source_id}")
        return found

    async def by_code(self, session: AsyncSession, scope: tuple[str, str], code: str) -> JobFileSource | None:
        statement = select(JobFileSource).where(*_of(scope), col(JobFileSource.code) == code)
        return (await session.execute(statement)).scalar_one_or_none()

    async def listed(self, session: AsyncSession, asked: ListFileSources) -> tuple[int, Sequence[JobFileSource]]:
        where = list(_of((asked.bk_scope_type, asked.bk_scope_id)))
        if asked.code is not None:
            where.append(col(JobFileSource.code) == asked.code)
        if asked.alias is not None:
            where.append(col(JobFileSource.alias).contains(asked.alias, autoescape=True))
        total = (await session.execute(select(func.count()).select_from(JobFileSource).where(*where))).scalar_one()
        page = select(JobFileSource).where(*where).order_by(col(JobFileSource.id).desc())
        return total, (await session.execute(page.offset(asked.start).limit(asked.length))).scalars().all()


def _of(scope: tuple[str, str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(JobFileSource.bk_scope_type) == scope[0], col(JobFileSource.bk_scope_id) == scope[1]
