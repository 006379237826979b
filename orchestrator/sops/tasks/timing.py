"""How long a task took, as clients of Standard OPS count it."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from orchestrator.engine.states import TaskState
from orchestrator.sops.moments import elapsed, moment
from orchestrator.sops.numbers import Kind, number_of
from orchestrator.sops.places import Places
from orchestrator.sops.tasks import repository
from orchestrator.sops.tasks.making import create_method
from orchestrator.sops.tasks.schemas import EffectiveTime, OfTask
from orchestrator.sops.tasks.work_time import WAITING, work_time
from orchestrator.tasks.errors import IllegalOperation
from orchestrator.tasks.service import TaskService

_CODES: Final = sorted(set(WAITING.values()))


class TimingComponents:
    def __init__(self, places: Places, tasks: TaskService) -> None:
        self._places = places
        self._tasks = tasks

    async def get_task_effective_time(
        self, session: AsyncSession, principal: Principal, asked: OfTask
    ) -> EffectiveTime:
        """Raises:
        IllegalOperation: the task has not finished, or was revoked.
        """
        place = await self._places.project(session, principal, asked)
        found = await self._places.task(session, place, asked.task_id)
        details = await self._tasks.get(session, principal, found.id)
        task = details.task
        if task.state != TaskState.FINISHED or task.finished_at is None:
            raise IllegalOperation(
                f"a task that is {task.state} has no effective time: it counts once one has finished"
            )
        took = work_time(details.definition, await repository.spans_of(session, task.id))
        flow = await number_of(session, Kind.FLOW, task.flow_id) if task.flow_id else None
        return EffectiveTime(
            task_instance_id=asked.task_id,
            instance_id=asked.task_id,
            template_id=task.flow_id,
            task_template_id="" if flow is None else str(flow),
            project_id=await number_of(session, Kind.PROJECT, place.project.id),
            creator=task.created_by,
            create_method=create_method(task, await repository.clocked_among(session, [task.origin_id])),
            create_time=moment(task.created_at),
            start_time=moment(task.started_at),
            finish_time=moment(task.finished_at),
            total_elapsed_time=elapsed(task.started_at, task.finished_at, task.finished_at),
            effective_time=int(took.seconds),
            excluded_node_count=took.waiting,
            total_node_count=took.nodes,
            excluded_component_codes=_CODES,
            category="Other",
        )
