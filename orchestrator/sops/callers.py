"""On whose behalf a call is made: flows and tasks are a matter of people, not of apps."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.profiles import Profiles
from kernel.http.signed_only import SignedCaller
from kernel.principal import Principal, PrincipalKind
from orchestrator.sops.errors import ActsForAnother, NoPerson, UnknownPerson
from orchestrator.tasks.repository import launcher_of


class Callers:
    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    async def person(self, session: AsyncSession, caller: SignedCaller) -> Principal:
        """The person, whose roles decide; confined to the project of the task that calls, if one does.

        Raises:
            NoPerson: the app calls in nobody's name.
            UnknownPerson: in the name of somebody who has no account here.
        """
        if not caller.user:
            raise NoPerson(caller.app)
        if caller.user not in await self._profiles.find(session, [caller.user]):
            raise UnknownPerson(caller.user)
        return Principal(
            PrincipalKind.USER,
            caller.user,
            confined_to=caller.project or None,
            task_id=caller.task or None,
            request_id=caller.request_id,
        )

    async def require_own_name(self, session: AsyncSession, caller: SignedCaller) -> None:
        """What a task starts in its executor's name would call as him without asking for his consent again.

        Raises:
            ActsForAnother: a task calls in another name than that of who launched it.
        """
        launcher = await launcher_of(session, caller.task) if caller.task else None
        if launcher not in {None, caller.user}:
            raise ActsForAnother(caller.user)
