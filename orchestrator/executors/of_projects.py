"""In whose name a project's tasks call where their flows name nobody."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.profiles import Profiles
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import Invalid
from kernel.principal import Principal
from orchestrator.executors.admission import Consents
from orchestrator.executors.judging import ConsentLack, Refusal
from orchestrator.executors.models import ProjectExecutor
from orchestrator.flow.executors import Standing
from orchestrator.flows.resources import project_resource


@dataclass(frozen=True, slots=True)
class Named:
    """Attributes:
    username: empty where nobody is named.
    lack: why it has no effect for all that the project runs; none where it has.
    """

    username: str = ""
    by: str = ""
    at: datetime | None = None
    lack: ConsentLack | None = None


class ProjectExecutorService:
    """Who manages the project names the person; that gives no right: the person's consent does."""

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        profiles: Profiles,
        consents: Consents,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._profiles = profiles
        self._consents = consents
        self._clock = clock

    async def get(self, session: AsyncSession, principal: Principal, project: str) -> Named:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.PROJECT_VIEW, project_resource(found.id))
        return await self._named(session, await session.get(ProjectExecutor, found.id))

    async def put(self, session: AsyncSession, principal: Principal, project: str, username: str) -> Named:
        """Of tasks launched from now on. An empty name takes it away.

        Raises:
            Invalid: nobody of that name may sign in.
        """
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.PROJECT_MANAGE, project_resource(found.id))
        if username and not await self._profiles.find(session, [username]):
            raise Invalid.field("username", f"nobody called {username!r} may sign in", "Name another person")
        row = await session.get(ProjectExecutor, found.id, with_for_update=True)
        before = row.username if row is not None else ""
        if username:
            row = row or ProjectExecutor(project_id=found.id, username="", set_by="", set_at=self._clock.now())
            row.username, row.set_by, row.set_at = username, principal.id, self._clock.now()
            session.add(row)
        elif row is not None:
            await session.delete(row)
            row = None
        await session.flush()
        if username != before:
            record(
                session, principal, "project_executor.changed", "project", found.id,
                before={"executor": before}, after={"executor": username}, project_id=found.id,
            )  # fmt: skip
        return await self._named(session, row)

    async def _named(self, session: AsyncSession, row: ProjectExecutor | None) -> Named:
        if row is None:
            return Named()
        covered = await self._consents.covering(session, row.project_id, row.username, Standing("", None))
        return Named(row.username, row.set_by, row.set_at, covered.lack if isinstance(covered, Refusal) else None)
