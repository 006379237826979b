"""The row of a task, made from a launch that was found in order."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.projects import ProjectSummary
from kernel.db.database import after_commit, hold
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.executors.repository import project_executor
from orchestrator.flow.executors import names_in
from orchestrator.launch.forms import launch_form
from orchestrator.launch.repository import keep_definition
from orchestrator.launch.requests import Continuation
from orchestrator.project_secrets.handles import ProjectSecretHandles
from orchestrator.quotas.admission import Admission
from orchestrator.runtime.models import Task
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.secret_inputs.service import SecretInputs
from orchestrator.tasks.origins import BY_HAND, Origin, OriginKind


@dataclass(frozen=True, slots=True)
class Order:
    """A launch found in order. A plugin alone has no flow: its `flow_id` is empty, its `revision` 0.

    Attributes:
        held_by: see `LaunchRequest`.
        told, common: see `Task`.
    """

    flow_id: str
    flow_name: str
    revision: int
    definition: dict[str, Any]
    project: ProjectSummary
    name: str
    inputs: dict[str, Any]
    scopes: frozenset[str]
    start: bool = True
    continues: Continuation | None = None
    held_by: str | None = None
    origin: Origin = BY_HAND
    told: str | None = None
    callback_url: str = ""
    common: bool = False


class TaskMaker:
    def __init__(
        self, secrets: SecretInputs, handles: ProjectSecretHandles, admission: Admission, clock: Clock, wake: Wake
    ) -> None:
        self._secrets = secrets
        self._handles = handles
        self._admission = admission
        self._clock = clock
        self._wake = wake

    async def make(self, session: AsyncSession, principal: Principal, order: Order) -> str:
        """Creates the task in the caller's transaction; the runtime begins it once that has committed.

        Returns:
            The task's id.

        Raises:
            QuotaExceeded: the project has launched, or has waiting, as many tasks as it may.
        """
        now, task_id = self._clock.now(), new_id()
        # The task that waits for this one has a place already: were both counted, each could wait for the other.
        has_place = order.start and order.origin.kind is OriginKind.SUBPROCESS
        begins = order.start and not has_place
        may_begin = await self._admission.let_launch(session, order.project.id, begins=begins) or has_place
        inputs = await self._sealed(session, task_id, order)
        definition = self._with_own_handles(task_id, order, await _with_project_executor(session, order))
        task = Task(
            id=task_id,
            project_id=order.project.id,
            project_code=order.project.code,
            flow_id=order.flow_id,
            flow_name=order.flow_name,
            revision=order.revision,
            definition_id=await keep_definition(session, definition),
            name=order.name,
            inputs=inputs,
            scopes=sorted(order.scopes),
            created_by=principal.id,
            created_at=now,
            start_at=now if may_begin else None,
            queued_at=now if order.start and not may_begin else None,
            told=order.told,
            callback_url=order.callback_url,
            origin=order.origin.kind.value,
            origin_id=order.origin.id,
            origin_name=order.origin.name,
            common=order.common,
        )
        session.add(task)
        hold(session, task)
        await session.flush()
        record(
            session, principal, "task.launched", "task", task.id,
            after=_facts(task, order, names_in(definition)), project_id=task.project_id, task_id=task.id,
        )  # fmt: skip
        if may_begin:
            after_commit(session, lambda: self._wake(task_id))
        return task_id

    async def _sealed(self, session: AsyncSession, task_id: str, order: Order) -> dict[str, Any]:
        """The inputs as the task keeps them."""
        schema = launch_form(order.definition).schema
        inputs = await self._secrets.seal(session, task_id, schema, order.inputs, order.held_by)
        if order.held_by is not None:
            kept = [inputs, order.definition.get("begin")]
            await self._secrets.take_over(session, task_id, order.held_by, kept)
        return inputs

    def _with_own_handles(self, task_id: str, order: Order, definition: dict[str, Any]) -> dict[str, Any]:
        """What earlier nodes left has handles of secrets of the project that open them in the earlier task alone."""
        names, begin = definition.get("project_secrets"), definition.get("begin")
        if not names or begin is None or order.held_by is None:
            return definition
        return {**definition, "begin": self._handles.handed_on(begin, names, order.held_by, task_id)}


async def _with_project_executor(session: AsyncSession, order: Order) -> dict[str, Any]:
    """A task keeps whom its project names as it is launched."""
    username = await project_executor(session, order.project.id)
    return {**order.definition, "project_executor": username} if username else order.definition


def _facts(task: Task, order: Order, executors: Collection[str]) -> dict[str, Any]:
    """For the audit log."""
    facts: dict[str, Any] = {
        "flow": task.flow_id,
        "revision": task.revision,
        "name": task.name,
        "scopes": task.scopes,
        "started": order.start,
    }
    if order.common:
        facts["common"] = True
    if task.queued_at is not None:
        facts["queued"] = True
    if order.continues is not None:
        facts |= {"continues": order.continues.task_id, "node": order.continues.node}
    if executors:
        facts["executors"] = sorted(executors)
    if order.origin != BY_HAND:
        facts |= {"origin": task.origin, "origin_id": task.origin_id}
    return facts
