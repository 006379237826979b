"""Reads and writes uploaded files."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.job.service.errors import Missing
from adapters.job.service.local_files.models import JobLocalFile, JobLocalFilePiece
from adapters.job.service.local_files.schemas import ListLocalFiles


class LocalFileRepository:
    async def file(
        self, session: AsyncSession, scope: tuple[str, str], file_id: str, *, for_change: bool = False
    ) -> JobLocalFile:
        """Raises:
        Missing: there is none in this scope.
        """
        statement = select(JobLocalFile).where(
            col(JobLocalFile.id) == file_id,
            col(JobLocalFile.bk_scope_type) == scope[0],
            col(JobLocalFile.bk_scope_id) == scope[1],
        )
        found = (await session.execute(statement.with_for_update() if for_change else statement)).scalar_one_or_none()
        if found is None:
            raise Missing(f"{' '.join(scope)} has no uploaded file {file_id}")
        return found

    async def listed(self, session: AsyncSession, asked: ListLocalFiles) -> tuple[int, Sequence[JobLocalFile]]:
        where = [
            col(JobLocalFile.bk_scope_type) == asked.bk_scope_type,
            col(JobLocalFile.bk_scope_id) == asked.bk_scope_id,
        ]
        if asked.file_name is not None:
            where.append(col(JobLocalFile.name).contains(asked.file_name, autoescape=True))
        total = (await session.execute(select(func.count()).select_from(JobLocalFile).where(*where))).scalar_one()
        page = select(JobLocalFile).where(*where).order_by(col(JobLocalFile.create_ms).desc(), col(JobLocalFile.id))
        return total, (await session.execute(page.offset(asked.start).limit(asked.length))).scalars().all()

    async def all_bytes(self, session: AsyncSession) -> int:
        return int((await session.execute(select(func.coalesce(func.sum(col(JobLocalFile.size)), 0)))).scalar_one())

    async def piece(self, session: AsyncSession, file_id: str, number: int) -> bytes | None:
        statement = select(col(JobLocalFilePiece.content)).where(
            col(JobLocalFilePiece.file_id) == file_id, col(JobLocalFilePiece.number) == number
        )
        return (await session.execute(statement)).scalar_one_or_none()

    async def drop_unfinished(self, session: AsyncSession, before_ms: int) -> None:
        """Uploads that somebody began before then and never ended."""
        old = (col(JobLocalFile.is_complete).is_(False), col(JobLocalFile.create_ms) < before_ms)
        ids = (await session.execute(select(col(JobLocalFile.id)).where(*old))).scalars().all()
        for file_id in ids:
            await self.remove(session, file_id)

    async def remove(self, session: AsyncSession, file_id: str) -> None:
        await session.execute(delete(JobLocalFilePiece).where(col(JobLocalFilePiece.file_id) == file_id))
        await session.execute(delete(JobLocalFile).where(col(JobLocalFile.id) == file_id))
