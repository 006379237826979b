"""Tasks that start by themselves, as the unit mounts them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.alarm import Alarm
from kernel.contracts.authorizer import Authorizer
from kernel.contracts.component_caller import ComponentCaller
from kernel.contracts.grant_desk import GrantDesk
from kernel.contracts.profiles import Profiles
from kernel.contracts.projects import ProjectDirectory
from kernel.services import KernelServices
from orchestrator.launch.absent import AbsentLaunch
from orchestrator.launch.service import LaunchService
from orchestrator.schedules import repository as schedule_rows
from orchestrator.schedules.firing import ScheduleFiring
from orchestrator.schedules.service import ScheduleService
from orchestrator.triggers import repository as trigger_rows
from orchestrator.triggers.door import HookDoor
from orchestrator.triggers.firing import TriggerFiring
from orchestrator.triggers.service import TriggerService
from orchestrator.triggers.watching.feed import FeedReader
from orchestrator.triggers.watching.watchers import LOOK_SECONDS, FeedWatchers

RUNS_KEPT: Final = timedelta(days=90)
"""How long the history of what started tasks is kept."""

_LONGEST_SECONDS: Final = 5.0
_SHORTEST_SECONDS: Final = 0.05


class AutomaticStarts:
    """Args:
    wake: tells the runtime that a task has something to do.

    Attributes:
        firing: starts what is due by the clock.
        feeds: reads changes of the inventory.
    """

    def __init__(
        self,
        kernel: KernelServices,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        profiles: Profiles,
        grants: GrantDesk,
        components: ComponentCaller,
        launches: LaunchService,
        wake: Callable[[str], None],
    ) -> None:
        absent = AbsentLaunch(launches, profiles)
        self.firing = ScheduleFiring(kernel.database, absent, kernel.clock, wake)
        self._alarm = Alarm(
            "automatic starts", self.firing.fire_due, shortest=_SHORTEST_SECONDS, longest=_LONGEST_SECONDS
        )
        self.schedules = ScheduleService(authorizer, projects, launches, self.firing, kernel.clock, self._alarm.ring)
        trigger_firing = TriggerFiring(absent, kernel.clock)
        self.feeds = FeedReader(kernel.database, components, trigger_firing, kernel.clock)
        self._watchers = FeedWatchers(kernel.database, self.feeds)
        self._look_out = Alarm("inventory triggers", self._watchers.keep, longest=LOOK_SECONDS)
        hooks_url = f"{kernel.settings.public_url.rstrip('/')}/v1/hooks"
        self.triggers = TriggerService(
            authorizer, projects, grants, kernel.secrets, kernel.clock, self._look_out.ring, hooks_url
        )
        self.hooks = HookDoor(kernel.database, trigger_firing, kernel.secrets, kernel.clock)
        self._clock = kernel.clock

    def start(self) -> None:
        """For a process that runs tasks."""
        self._alarm.start()
        self._look_out.start()

    async def stop(self) -> None:
        await self._look_out.stop()
        await self._watchers.stop()
        await self._alarm.stop()

    async def forget_old(self, session: AsyncSession) -> None:
        await schedule_rows.forget_runs(session, self._clock.now() - RUNS_KEPT)
        await trigger_rows.forget_runs(session, self._clock.now() - RUNS_KEPT)
