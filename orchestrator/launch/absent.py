"""Starting tasks for people who are away: by their rights as they are at that moment, never by more than `launch`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.profiles import Profiles
from kernel.errors import PermissionDenied, TrunklineError, Unavailable
from kernel.principal import Principal, PrincipalKind
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.service import LaunchService

MOST_REFUSALS: Final = 5
"""So many in a row, and whatever starts the tasks is switched off."""
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Started:
    task_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No task.

    Attributes:
        reason: for people.
        lacks_right: the person may not launch the flow any more, whatever the inputs.
    """

    reason: str
    lacks_right: bool = False


class AbsentLaunch:
    """Launches in the caller's transaction; a refusal undoes nothing of it but the launch."""

    def __init__(self, launches: LaunchService, profiles: Profiles) -> None:
        self._launches = launches
        self._profiles = profiles

    async def launch(self, session: AsyncSession, owner: str, request: LaunchRequest) -> Started | Refused:
        """Raises:
        Unavailable: a part we stand on is away: nothing is decided.
        """
        if not await self._profiles.find(session, [owner]):
            return Refused(f"{owner} may not sign in any more", lacks_right=True)
        try:
            async with session.begin_nested():
                return Started(await self._launches.launch(session, person(owner), request))
        except Unavailable:
            raise
        except TrunklineError as error:
            reason = _sentence(error.detail, [problem.field for problem in error.fields])
            return Refused(reason, lacks_right=isinstance(error, PermissionDenied))


def person(username: str) -> Principal:
    """Somebody as whom the product acts while he is away: what he may, his roles say."""
    return Principal(PrincipalKind.USER, username)


def _sentence(detail: str, fields: Sequence[str]) -> str:
    named = [field for field in fields if field not in detail]
    return (f"{detail} ({', '.join(named)})" if named else detail)[:_LONGEST]
