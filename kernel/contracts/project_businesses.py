"""The CMDB businesses that projects are bound to: implemented by gateway.identity."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.projects import ProjectSummary


@dataclass(frozen=True, slots=True)
class BusinessProject:
    """Attributes:
    bk_biz_id: the business the project is bound to; none for one that is bound to none.
    """

    project: ProjectSummary
    bk_biz_id: int | None


class ProjectBusinesses(Protocol):
    async def bk_biz_id(self, session: AsyncSession, project_id: str) -> int | None:
        """The business's id in the CMDB; `None` for a project that is bound to none."""
        ...


class BusinessProjects(Protocol):
    async def of_business(self, session: AsyncSession, bk_biz_id: int) -> list[BusinessProject]:
        """The projects that are bound to a business."""
        ...

    async def among(self, session: AsyncSession, project_ids: Collection[str] | None) -> list[BusinessProject]:
        """These projects, or all of them."""
        ...
