"""The CMDB businesses that projects are bound to: implemented by gateway.identity."""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class ProjectBusinesses(Protocol):
    async def bk_biz_id(self, session: AsyncSession, project_id: str) -> int | None:
        """The business's id in the CMDB; `None` for a project that is bound to none."""
        ...
