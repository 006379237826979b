"""Secrets that were filled in before they were sealed: who still keeps one as it was typed, and sealing them.

The doctor seals each in a transaction of its own, so that whoever is interrupted goes on where he was.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.database import Database
from kernel.principal import Principal
from orchestrator.plain_secrets.standing import StandingSecrets
from orchestrator.plain_secrets.tasks import TaskSecrets
from orchestrator.schedules.models import Schedule

Kind = Literal["task", "archived_task", "schedule", "trigger"]
MOST: Final = 1000
"""Of one look; what is left comes with the next."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Something that keeps a secret as it was typed."""

    kind: Kind
    id: str
    project_id: str


class PlainSecrets:
    def __init__(self, database: Database, tasks: TaskSecrets, standing: StandingSecrets) -> None:
        self._database = database
        self._tasks = tasks
        self._standing = standing

    async def find(self) -> Sequence[Keeper]:
        """Schedules and triggers first, since they give theirs to further tasks."""
        found: list[Keeper] = []
        async with self._database.reading() as session:
            async for keeper in self._all(session):
                found.append(keeper)
                if len(found) >= MOST:
                    break
        return found

    async def seal(self, principal: Principal, keeper: Keeper) -> bool:
        """In a transaction of its own; false where nothing stands there as it was typed any more."""
        async with self._database.unit_of_work() as session:
            return await self.seal_in(session, principal, keeper.kind, keeper.id) is not None

    async def seal_in(self, session: AsyncSession, principal: Principal, kind: Kind, keeper_id: str) -> Keeper | None:
        """None where nothing stands there as it was typed."""
        seals = {
            "task": self._tasks.seal,
            "archived_task": self._tasks.seal_archived,
            "schedule": self._standing.seal_schedule,
            "trigger": self._standing.seal_trigger,
        }
        project_id = await seals[kind](session, keeper_id)
        if project_id is None:
            return None
        record(session, principal, "secret_inputs.sealed", kind, keeper_id, project_id=project_id)
        return Keeper(kind, keeper_id, project_id)

    async def _all(self, session: AsyncSession) -> AsyncIterator[Keeper]:
        async for row in self._standing.find(session):
            yield Keeper("schedule" if isinstance(row, Schedule) else "trigger", row.id, row.project_id)
        async for task in self._tasks.find(session):
            yield Keeper("task", task.id, task.project_id)
        async for archived in self._tasks.find_archived(session):
            yield Keeper("archived_task", archived.id, archived.project_id)


class PlainSecretService:
    """As administrators ask for it: it tells of every project."""

    def __init__(self, authorizer: Authorizer, plain: PlainSecrets) -> None:
        self._authorizer = authorizer
        self._plain = plain

    async def find(self, session: AsyncSession, principal: Principal) -> Sequence[Keeper]:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        return await self._plain.find()

    async def seal(
        self, session: AsyncSession, principal: Principal, named: Sequence[tuple[Kind, str]]
    ) -> list[Keeper]:
        """Those in which a secret still stood as it was typed."""
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        sealed = [await self._plain.seal_in(session, principal, kind, name) for kind, name in dict.fromkeys(named)]
        return [keeper for keeper in sealed if keeper is not None]
