"""Groups of people, for plugins whose inputs name them."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.notices.repository import groups_of


class ProjectGroups:
    """Implements `NoticeGroups`."""

    async def people_of(
        self, session: AsyncSession, project_id: str, names: Collection[str]
    ) -> Mapping[str, Sequence[str]]:
        return {group.name: group.people for group in await groups_of(session, project_id) if group.name in names}
