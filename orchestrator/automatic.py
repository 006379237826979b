"""Tasks that start by themselves, and word of tasks, as the unit mounts them."""

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.alarm import NOTHING_DUE, Alarm
from kernel.contracts.authorizer import Authorizer
from kernel.contracts.component_caller import ComponentCaller
from kernel.contracts.grant_desk import GrantDesk
from kernel.contracts.profiles import Profiles
from kernel.contracts.projects import ProjectDirectory
from kernel.looks import stillness_of
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy
from orchestrator.launch.absent import AbsentLaunch
from orchestrator.launch.service import LaunchService
from orchestrator.notices import repository as notice_rows
from orchestrator.notices.owners import OwnerNotices
from orchestrator.notices.sending import NoticeSender
from orchestrator.notices.telling import TaskTeller
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.schedules import repository as schedule_rows
from orchestrator.schedules.firing import ScheduleFiring
from orchestrator.schedules.service import ScheduleService
from orchestrator.secret_inputs.service import SecretInputs
from orchestrator.sops.webhooks.messages import StandardOpsMessages
from orchestrator.triggers import repository as trigger_rows
from orchestrator.triggers.door import HookDoor
from orchestrator.triggers.firing import TriggerFiring
from orchestrator.triggers.service import TriggerService
from orchestrator.triggers.telling import EventTelling
from orchestrator.triggers.trying import TriggerTrials
from orchestrator.triggers.watching.feed import FeedReader
from orchestrator.triggers.watching.watchers import LOOK_SECONDS, FeedWatchers
from orchestrator.waiting.service import EventService

RUNS_KEPT: Final = timedelta(days=90)
"""How long the history of what started tasks is kept."""

_LONGEST_SECONDS: Final = 5.0
_SHORTEST_SECONDS: Final = 0.05
_WORD_SECONDS: Final = 1.0
"""Between two looks for what is to be told, however much happens."""


class AutomaticStarts:
    """Args:
    wake: tells the runtime that a task has something to do.

    Attributes:
        firing: starts what is due by the clock.
        feeds: reads changes of the inventory.
        teller, sender: find what is to be told of tasks, and send it.
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
        secrets: SecretInputs,
        events: EventService,
        wake: Wake,
    ) -> None:
        public_url = kernel.settings.public_url.rstrip("/")
        absent, owners = AbsentLaunch(launches, profiles), OwnerNotices(public_url)
        self.firing = ScheduleFiring(kernel.database, absent, owners, kernel.clock, wake)
        self._alarm = Alarm(
            "automatic starts",
            self.firing.fire_due,
            shortest=_SHORTEST_SECONDS,
            longest=_LONGEST_SECONDS,
            stillness=stillness_of(kernel.database),
        )
        self.schedules = ScheduleService(
            authorizer, projects, launches, secrets, self.firing, kernel.clock, self._alarm.ring
        )
        trigger_firing = TriggerFiring(absent, EventTelling(events, profiles), owners, kernel.clock)
        self.feeds = FeedReader(kernel.database, components, trigger_firing, kernel.clock)
        self._watchers = FeedWatchers(kernel.database, self.feeds)
        self._look_out = Alarm("inventory triggers", self._watchers.keep, longest=LOOK_SECONDS)
        hooks_url = f"{public_url}/v1/hooks"
        self.triggers = TriggerService(
            authorizer, projects, grants, kernel.secrets, secrets, kernel.clock, self._look_out.ring, hooks_url
        )
        self.trigger_trials = TriggerTrials(authorizer, projects)
        self.hooks = HookDoor(kernel.database, trigger_firing, kernel.secrets, kernel.clock)
        self.teller = TaskTeller(kernel.database, kernel.clock, public_url, StandardOpsMessages())
        policy = AddressPolicy.allowing(kernel.settings.allowed_upstream_origins)
        self.sender = NoticeSender(kernel.database, components, kernel.secrets, policy, kernel.clock)
        self._word = Alarm(
            "task notices",
            self._tell_and_send,
            shortest=_WORD_SECONDS,
            longest=_LONGEST_SECONDS,
            stillness=stillness_of(kernel.database),
        )
        self._clock = kernel.clock

    def hear(self, task_id: str) -> None:
        """Something of the task became durable in this process."""
        self.teller.hear(task_id)
        self._word.ring()

    def start(self) -> None:
        """For a process that runs tasks."""
        self._alarm.start()
        self._look_out.start()
        self._word.start()

    async def stop(self) -> None:
        await self._word.stop()
        await self._look_out.stop()
        await self._watchers.stop()
        await self._alarm.stop()

    async def forget_old(self, session: AsyncSession) -> None:
        await schedule_rows.forget_runs(session, self._clock.now() - RUNS_KEPT)
        await trigger_rows.forget_runs(session, self._clock.now() - RUNS_KEPT)
        await notice_rows.forget_notices(session, self._clock.now() - RUNS_KEPT)

    async def _tell_and_send(self) -> float:
        await self.teller.tell()
        return 0.0 if await self.sender.send_due() else NOTHING_DUE
