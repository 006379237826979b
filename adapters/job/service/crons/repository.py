"""Reads and writes crons."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.job.service.crons.models import JobCron
from adapters.job.service.crons.schemas import ListCrons
from adapters.job.service.errors import Missing


class CronRepository:
    async def cron(
        self, session: AsyncSession, scope: tuple[str, str], cron_id: int, *, for_change: bool = False
    ) -> JobCron:
        """Raises:
        Missing: there is none in this scope.
        """
        statement = select(JobCron).where(
            col(JobCron.bk_scope_type) == scope[0], col(JobCron.bk_scope_id) == scope[1], col(JobCron.id) == cron_id
        )
        found = (await session.execute(statement.with_for_update() if for_change else statement)).scalar_one_or_none()
        if found is None:
            raise Missing(f"{' '.join(scope)} has no cron {cron_id}")
        return found

    async def is_taken(self, session: AsyncSession, scope: tuple[str, str], name: str) -> bool:
        statement = select(col(JobCron.id)).where(
            col(JobCron.bk_scope_type) == scope[0], col(JobCron.bk_scope_id) == scope[1], col(JobCron.name) == name
        )
        return (await session.execute(statement)).first() is not None

    async def count(self, session: AsyncSession, scope: tuple[str, str]) -> int:
        own = (col(JobCron.bk_scope_type) == scope[0], col(JobCron.bk_scope_id) == scope[1])
        return (await session.execute(select(func.count()).select_from(JobCron).where(*own))).scalar_one()

    async def listed(self, session: AsyncSession, asked: ListCrons) -> tuple[int, Sequence[JobCron]]:
        where = [col(JobCron.bk_scope_type) == asked.bk_scope_type, col(JobCron.bk_scope_id) == asked.bk_scope_id]
        if asked.name is not None:
            where.append(col(JobCron.name).contains(asked.name, autoescape=True))
        for column, wanted in (
            (JobCron.creator, asked.creator),
            (JobCron.last_modify_user, asked.last_modify_user),
            (JobCron.job_plan_id, asked.job_plan_id),
            (JobCron.status, asked.status),
        ):
            if wanted is not None:
                where.append(col(column) == wanted)
        total = (await session.execute(select(func.count()).select_from(JobCron).where(*where))).scalar_one()
        page = select(JobCron).where(*where).order_by(col(JobCron.id).desc()).offset(asked.start).limit(asked.length)
        return total, (await session.execute(page)).scalars().all()

    async def due(self, session: AsyncSession, now_ms: int, most: int) -> Sequence[int]:
        """Ids of those whose time has come, the longest due first."""
        statement = select(col(JobCron.id)).where(col(JobCron.next_ms) <= now_ms)
        return (await session.execute(statement.order_by(col(JobCron.next_ms)).limit(most))).scalars().all()

    async def first_due(self, session: AsyncSession) -> int | None:
        return (await session.execute(select(func.min(col(JobCron.next_ms))))).scalar_one()

    async def take_due(self, session: AsyncSession, cron_id: int, now_ms: int) -> JobCron | None:
        """The cron, ours until the unit of work ends; none when another process has dealt with it or does just now."""
        statement = select(JobCron).where(col(JobCron.id) == cron_id, col(JobCron.next_ms) <= now_ms)
        return (await session.execute(statement.with_for_update(skip_locked=True))).scalar_one_or_none()
