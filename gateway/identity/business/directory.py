"""Which business a project is bound to, for other units."""

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.business.repository import find_business


class BoundBusinesses:
    """A `kernel.contracts.project_businesses.ProjectBusinesses`."""

    async def bk_biz_id(self, session: AsyncSession, project_id: str) -> int | None:
        found = await find_business(session, project_id)
        return None if found is None else found.bk_biz_id
