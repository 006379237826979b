"""Reads and writes job plans."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.job.service.errors import Missing
from adapters.job.service.plans.models import JobPlan, JobPlanVersion
from adapters.job.service.plans.schemas import ListPlans


class PlanRepository:
    async def plan(
        self, session: AsyncSession, scope: tuple[str, str], plan_id: int, *, for_change: bool = False
    ) -> JobPlan:
        """Raises:
        Missing: there is none in this scope.
        """
        statement = select(JobPlan).where(
            col(JobPlan.bk_scope_type) == scope[0], col(JobPlan.bk_scope_id) == scope[1], col(JobPlan.id) == plan_id
        )
        found = (await session.execute(statement.with_for_update() if for_change else statement)).scalar_one_or_none()
        if found is None:
            raise Missing(f"{' '.join(scope)} has no job plan {plan_id}")
        return found

    async def version(self, session: AsyncSession, plan: JobPlan, version: int) -> JobPlanVersion:
        """Raises:
        Missing: the plan has no such version.
        """
        statement = select(JobPlanVersion).where(
            col(JobPlanVersion.job_plan_id) == plan.id, col(JobPlanVersion.version) == version
        )
        found = (await session.execute(statement)).scalar_one_or_none()
        if found is None:
            raise Missing(f"Job plan {plan.id} has no version {version}")
        return found

    async def is_taken(self, session: AsyncSession, scope: tuple[str, str], name: str) -> bool:
        statement = select(col(JobPlan.id)).where(
            col(JobPlan.bk_scope_type) == scope[0], col(JobPlan.bk_scope_id) == scope[1], col(JobPlan.name) == name
        )
        return (await session.execute(statement)).first() is not None

    async def listed(self, session: AsyncSession, asked: ListPlans) -> tuple[int, Sequence[JobPlan]]:
        where = [col(JobPlan.bk_scope_type) == asked.bk_scope_type, col(JobPlan.bk_scope_id) == asked.bk_scope_id]
        if asked.name is not None:
            where.append(col(JobPlan.name).contains(asked.name, autoescape=True))
        if asked.creator is not None:
            where.append(col(JobPlan.creator) == asked.creator)
        if asked.last_modify_user is not None:
            where.append(col(JobPlan.last_modify_user) == asked.last_modify_user)
        total = (await session.execute(select(func.count()).select_from(JobPlan).where(*where))).scalar_one()
        page = select(JobPlan).where(*where).order_by(col(JobPlan.id).desc()).offset(asked.start).limit(asked.length)
        return total, (await session.execute(page)).scalars().all()

    async def versions(
        self, session: AsyncSession, plan: JobPlan, start: int, length: int
    ) -> tuple[int, Sequence[JobPlanVersion]]:
        own = col(JobPlanVersion.job_plan_id) == plan.id
        total = (await session.execute(select(func.count()).select_from(JobPlanVersion).where(own))).scalar_one()
        page = select(JobPlanVersion).where(own).order_by(col(JobPlanVersion.version).desc())
        return total, (await session.execute(page.offset(start).limit(length))).scalars().all()

    async def remove(self, session: AsyncSession, plan: JobPlan) -> None:
        await session.execute(delete(JobPlanVersion).where(col(JobPlanVersion.job_plan_id) == plan.id))
        await session.delete(plan)
