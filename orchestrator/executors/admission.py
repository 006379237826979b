"""Whether a node may call in somebody's name, asked just before it does."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.profiles import Profiles
from kernel.db.database import Database
from orchestrator.executors import repository
from orchestrator.executors.judging import ConsentLack, Refusal, consented, told
from orchestrator.flow.executors import ConsentMissing, Standing


class Consents:
    """Reads what holds at this moment: whoever revokes a consent stops the next call already."""

    def __init__(self, profiles: Profiles, clock: Clock) -> None:
        self._profiles = profiles
        self._clock = clock

    async def covering(
        self, session: AsyncSession, project_id: str, username: str, standing: Standing
    ) -> frozenset[str] | Refusal:
        """What the person's consents let a node of a project's task call that stands there."""
        if not await self._profiles.find(session, [username]):
            return Refusal(ConsentLack.PERSON)
        found = await repository.terms_of(session, project_id, username)
        return consented(found, standing, self._clock.now())


class ExecutorAdmission:
    """What the runtime asks."""

    def __init__(self, database: Database, consents: Consents) -> None:
        self._database = database
        self._consents = consents

    async def scopes(self, project_id: str, task_id: str, username: str, inner: Standing | None) -> frozenset[str]:
        """What a node of a task may call in the person's name.

        Args:
            inner: where the node stands, if that is not in the task's own flow.

        Raises:
            ConsentMissing: no consent covers it.
        """
        async with self._database.reading() as session:
            standing = inner or await repository.standing_of_task(session, task_id)
            found = await self._consents.covering(session, project_id, username, standing)
            if isinstance(found, frozenset):
                return found
            names = await repository.flow_names(session, [standing.flow_id])
            project = await repository.project_code_of(session, task_id)
        raise ConsentMissing(told(found, username, names.get(standing.flow_id, ""), project))
