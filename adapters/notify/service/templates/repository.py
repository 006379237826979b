"""Reads and writes templates."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.notify.service.templates.models import TemplateVersion


class TemplateRepository:
    async def find(self, session: AsyncSession, name: str, version: int | None) -> TemplateVersion | None:
        """The version, or the newest."""
        statement = select(TemplateVersion).where(col(TemplateVersion.name) == name)
        if version is not None:
            statement = statement.where(col(TemplateVersion.version) == version)
        newest = statement.order_by(col(TemplateVersion.version).desc()).limit(1)
        return (await session.execute(newest)).scalar_one_or_none()

    async def newest(self, session: AsyncSession) -> Sequence[TemplateVersion]:
        """Of each template the newest version, by name."""
        latest = select(col(TemplateVersion.name), func.max(TemplateVersion.version)).group_by(
            col(TemplateVersion.name)
        )
        key = tuple_(col(TemplateVersion.name), col(TemplateVersion.version))
        statement = select(TemplateVersion).where(key.in_(latest)).order_by(col(TemplateVersion.name))
        return (await session.execute(statement)).scalars().all()

    async def versions(self, session: AsyncSession, name: str) -> Sequence[int]:
        statement = (
            select(col(TemplateVersion.version))
            .where(col(TemplateVersion.name) == name)
            .order_by(col(TemplateVersion.version).desc())
        )
        return (await session.execute(statement)).scalars().all()

    async def remove(self, session: AsyncSession, name: str) -> None:
        await session.execute(delete(TemplateVersion).where(col(TemplateVersion.name) == name))
