"""Which business a project is bound to, for other units."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.business.models import ProjectBusiness
from gateway.identity.business.repository import find_business
from gateway.identity.projects.models import Project
from kernel.contracts.project_businesses import BusinessProject
from kernel.contracts.projects import ProjectSummary


class BoundBusinesses:
    """A `kernel.contracts.project_businesses.ProjectBusinesses` and `BusinessProjects`."""

    async def bk_biz_id(self, session: AsyncSession, project_id: str) -> int | None:
        found = await find_business(session, project_id)
        return None if found is None else found.bk_biz_id

    async def of_business(self, session: AsyncSession, bk_biz_id: int) -> list[BusinessProject]:
        bound = select(col(ProjectBusiness.project_id)).where(col(ProjectBusiness.bk_biz_id) == bk_biz_id)
        return await self._found(session, col(Project.id).in_(bound))

    async def among(self, session: AsyncSession, project_ids: Collection[str] | None) -> list[BusinessProject]:
        return await self._found(session, col(Project.id).in_(project_ids) if project_ids is not None else None)

    async def _found(self, session: AsyncSession, where: ColumnElement[bool] | None) -> list[BusinessProject]:
        statement = select(Project).order_by(col(Project.id))
        projects = (await session.execute(statement if where is None else statement.where(where))).scalars().all()
        bound = select(ProjectBusiness).where(col(ProjectBusiness.project_id).in_([each.id for each in projects]))
        businesses = {each.project_id: each.bk_biz_id for each in (await session.execute(bound)).scalars()}
        return [BusinessProject(_summary(each), businesses.get(each.id)) for each in projects]


def _summary(project: Project) -> ProjectSummary:
    return ProjectSummary(project.id, project.code, project.name, project.service_app_code)
