"""Reads rules about dangerous commands."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.job.service.errors import Missing
from adapters.job.service.rules.models import JobDangerousRule


class RuleRepository:
    async def all(self, session: AsyncSession) -> Sequence[JobDangerousRule]:
        statement = select(JobDangerousRule).order_by(col(JobDangerousRule.id))
        return (await session.execute(statement)).scalars().all()

    async def rule(self, session: AsyncSession, rule_id: int) -> JobDangerousRule:
        """Raises:
        Missing: there is none.
        """
        statement = select(JobDangerousRule).where(col(JobDangerousRule.id) == rule_id)
        found = (await session.execute(statement)).scalar_one_or_none()
        if found is None:
            raise Missing(f"There is no rule {rule_id}")
        return found
