"""What happens when a cron is due.

The execution, what the cron remembers of it and its next time stand in one transaction, so that a process that dies
leaves all of it or nothing, and of several processes one does it.
"""

from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.crons import timing
from adapters.job.service.crons.models import CronStatus, JobCron
from adapters.job.service.crons.repository import CronRepository
from adapters.job.service.crons.service import execution_of
from adapters.job.service.plans.service import PlanService
from adapters.job.service.repository import milliseconds
from kernel.audit.log import record
from kernel.db.database import Database
from kernel.envelope import ComponentError
from kernel.http.signed_only import SignedCaller
from kernel.ids import new_id
from kernel.secrets import SecretUnreadable
from kernel.services import KernelServices

GRACE_MS: Final = 120_000
"""What comes later than this was missed, and is not made good; a single time always is."""
LONGEST_SECONDS: Final = 30.0
"""Without a look: what another process saved rings nothing here."""
_AT_ONCE: Final = 100
_RETRY_SECONDS: Final = 5.0
_log = structlog.get_logger()


class CronFiring:
    def __init__(self, kernel: KernelServices, repository: CronRepository, plans: PlanService) -> None:
        self._database: Database = kernel.database
        self._clock = kernel.clock
        self._secrets = kernel.secrets
        self._repository = repository
        self._plans = plans

    async def fire_due(self) -> float:
        """Executes what is due; answers the seconds until the next is."""
        now = milliseconds(self._clock.now())
        async with self._database.reading() as session:
            due = await self._repository.due(session, now, _AT_ONCE)
        troubled = [await self._alone(cron_id) for cron_id in due]
        if any(troubled):
            return _RETRY_SECONDS
        async with self._database.reading() as session:
            following = await self._repository.first_due(session)
        if following is None:
            return LONGEST_SECONDS
        return max(0.0, (following - milliseconds(self._clock.now())) / 1000)

    async def _alone(self, cron_id: int) -> bool:
        """What one provokes must not stop the others; answers whether it has to be tried again."""
        try:
            async with self._database.unit_of_work() as session:
                cron = await self._repository.take_due(session, cron_id, milliseconds(self._clock.now()))
                if cron is not None:
                    await self._fire(session, cron)
        except Exception as error:  # noqa: BLE001  whatever it is, it is rolled back and comes again
            _log.error("job_cron_failed", cron=cron_id, exc_info=error)
            return True
        return False

    async def _fire(self, session: AsyncSession, cron: JobCron) -> None:
        now = self._clock.now()
        due = cron.next_ms or 0
        cron.next_ms = timing.next_ms(cron, now)
        if cron.next_ms is None:
            cron.status = CronStatus.PAUSED
        cron.last_ms, cron.last_job_instance_id = due, None
        if cron.execute_ms is None and due < milliseconds(now) - GRACE_MS:
            cron.last_problem = "missed: no process of the job system was running then"
            return
        caller = SignedCaller(cron.app, cron.user, cron.project, task="", request_id=new_id())
        try:
            executed = await self._plans.execute_job_plan(session, caller, execution_of(cron, self._secrets))
            cron.last_job_instance_id, cron.last_problem = executed["job_instance_id"], ""
        except (ComponentError, SecretUnreadable) as refusal:
            cron.last_problem = str(refusal)[:1000]
            after = {"problem": cron.last_problem}
            record(session, caller.principal, "job_cron.not_executed", "job_cron", str(cron.id), after=after)
