"""What becomes of something that came for a trigger: the task and the row that tells of it stand in one transaction."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.expressions.interpolation import as_text
from kernel.principal import system_principal
from orchestrator.launch.absent import MOST_REFUSALS, AbsentLaunch, Refused, Started
from orchestrator.launch.requests import LaunchRequest
from orchestrator.notices.owners import OwnerNotices
from orchestrator.tasks.origins import Origin, OriginKind
from orchestrator.triggers import repository
from orchestrator.triggers.mapping import Unmappable, inputs_of, lets_through
from orchestrator.triggers.models import Trigger, TriggerRun
from orchestrator.triggers.telling import EventTelling

TOLD: Final = "told"
REFUSED: Final = "refused"
_PART: Final = system_principal("triggers")


class TriggerFiring:
    def __init__(self, absent: AbsentLaunch, telling: EventTelling, owners: OwnerNotices, clock: Clock) -> None:
        self._absent = absent
        self._telling = telling
        self._owners = owners
        self._clock = clock

    async def fire(
        self, session: AsyncSession, trigger: Trigger, key: str, values: Mapping[str, Any], *, again: bool = False
    ) -> TriggerRun | None:
        """What became of it; the row of the first time when the key has come before.

        Args:
            again: what was refused the first time is tried once more.

        Returns:
            None when the condition does not let it through.
        """
        try:
            if not lets_through(trigger.condition, values):
                return None
            made: dict[str, Any] | Unmappable = inputs_of(trigger.mapping, values)
            about = as_text(inputs_of({"key": trigger.event_key}, values)["key"]) if trigger.event else ""
        except Unmappable as error:
            made, about = error, ""
        run, is_new = await repository.claim_run(session, trigger.id, key, self._clock.now())
        if not is_new and (run.task_id is not None or run.outcome == TOLD or not again):
            return run
        if isinstance(made, Unmappable):
            run.outcome, run.reason = REFUSED, str(made)[:500]
        elif trigger.event:
            await self._tell(session, trigger, run, about, made)
        else:
            await self._launch(session, trigger, run, made)
        after = {"outcome": run.outcome, "key": key, "task": run.task_id}
        record(
            session, _PART, "trigger.fired", "trigger", trigger.id,
            after=after, project_id=trigger.project_id, task_id=run.task_id,
        )  # fmt: skip
        return run

    async def _launch(self, session: AsyncSession, trigger: Trigger, run: TriggerRun, inputs: dict[str, Any]) -> None:
        origin = Origin(OriginKind.TRIGGER, trigger.id, trigger.name)
        request = LaunchRequest(
            trigger.flow_id,
            inputs,
            trigger.name,
            trigger.revision,
            held_by=trigger.id,
            origin=origin,
            schemes=tuple(trigger.schemes),
            project=trigger.project_id if trigger.common else None,
        )
        outcome = await self._absent.launch(session, trigger.owner, request)
        match outcome:
            case Started(task_id):
                run.outcome, run.reason, run.task_id = "started", "", task_id
                trigger.refusals = 0
            case Refused(reason, lacks_right):
                run.outcome, run.reason = REFUSED, reason
                if lacks_right:
                    await self._lacking(session, trigger, reason)

    async def _tell(
        self, session: AsyncSession, trigger: Trigger, run: TriggerRun, about: str, data: dict[str, Any]
    ) -> None:
        refused = await self._telling.tell(session, trigger, run.key, about, data)
        if refused is None:
            run.outcome, run.reason = TOLD, ""
            trigger.refusals = 0
            return
        run.outcome, run.reason = REFUSED, refused.reason[:500]
        if refused.lacks_right:
            await self._lacking(session, trigger, refused.reason)

    async def _lacking(self, session: AsyncSession, trigger: Trigger, reason: str) -> None:
        """Only a right that is gone switches a trigger off: whatever else is refused lies with what came."""
        trigger.refusals += 1
        if trigger.refusals >= MOST_REFUSALS and trigger.enabled:
            trigger.enabled = False
            trigger.stopped_because = f"{MOST_REFUSALS} starts in a row were refused: {reason}"[:500]
            record(
                session, _PART, "trigger.stopped", "trigger", trigger.id,
                after={"refusals": trigger.refusals}, project_id=trigger.project_id,
            )  # fmt: skip
        await self._owners.refused(session, trigger, "triggers", reason, self._clock.now())
