"""Tasks that start by themselves, as the unit mounts them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.alarm import Alarm
from kernel.contracts.authorizer import Authorizer
from kernel.contracts.profiles import Profiles
from kernel.contracts.projects import ProjectDirectory
from kernel.services import KernelServices
from orchestrator.launch.absent import AbsentLaunch
from orchestrator.launch.service import LaunchService
from orchestrator.schedules import repository as schedule_rows
from orchestrator.schedules.firing import ScheduleFiring
from orchestrator.schedules.service import ScheduleService

RUNS_KEPT: Final = timedelta(days=90)
"""How long the history of what started tasks is kept."""

_LONGEST_SECONDS: Final = 5.0
_SHORTEST_SECONDS: Final = 0.05


class AutomaticStarts:
    """Args:
    wake: tells the runtime that a task has something to do.
    """

    def __init__(
        self,
        kernel: KernelServices,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        profiles: Profiles,
        launches: LaunchService,
        wake: Callable[[str], None],
    ) -> None:
        absent = AbsentLaunch(launches, profiles)
        self.firing = ScheduleFiring(kernel.database, absent, kernel.clock, wake)
        self._alarm = Alarm(
            "automatic starts", self.firing.fire_due, shortest=_SHORTEST_SECONDS, longest=_LONGEST_SECONDS
        )
        self.schedules = ScheduleService(authorizer, projects, launches, self.firing, kernel.clock, self._alarm.ring)
        self._clock = kernel.clock

    def start(self) -> None:
        """For a process that runs tasks."""
        self._alarm.start()

    async def stop(self) -> None:
        await self._alarm.stop()

    async def forget_old(self, session: AsyncSession) -> None:
        await schedule_rows.forget_runs(session, self._clock.now() - RUNS_KEPT)
