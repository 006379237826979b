"""What people do to tasks: asked for here in one transaction, done by the task's owner."""

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action
from kernel.db.database import Database, after_commit
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.engine.events import (
    ChangeInputsRequested,
    ChooseRequested,
    DecideRequested,
    Operation,
    RetryRequested,
)
from orchestrator.engine.model import Run, State, Token
from orchestrator.engine.operations import NAMES, InvalidOperation, check_operation, node_of
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.runtime.messages import operation_data
from orchestrator.runtime.models import NodeRun, Task, TaskMessage
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.tasks import repository
from orchestrator.tasks.changes import TaskChanges
from orchestrator.tasks.errors import IllegalOperation
from orchestrator.tasks.operation_checks import OperationChecks
from orchestrator.tasks.service import TaskDetails, TaskService

PATIENCE_SECONDS = 5.0
"""How long an answer waits for the owner, which may be another process, or none may be running."""
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation that waits for the task's owner."""

    message_id: str
    task_id: str
    node_id: str | None


class OperationService:
    """By `task.operate`, which a launcher always has on his own task; only what is legal in the present state."""

    def __init__(
        self,
        tasks: TaskService,
        checks: OperationChecks,
        database: Database,
        clock: Clock,
        changes: TaskChanges,
        wake: Wake,
    ) -> None:
        self._tasks = tasks
        self._checks = checks
        self._database = database
        self._clock = clock
        self._changes = changes
        self._wake = wake

    async def ask(self, session: AsyncSession, principal: Principal, task_id: str, operation: Operation) -> Asked:
        """Stores the operation; once committed the owner is told.

        Raises:
            IllegalOperation: saying why.
            InputsRefused: what was sent with it does not fit.
            PermissionDenied: no `task.operate` here, or none by a role where one is needed.
        """
        # Whom a flow names to decide need not operate tasks.
        action = Action.TASK_VIEW if isinstance(operation, DecideRequested) else Action.TASK_OPERATE
        task = await self._tasks.require(session, principal, task_id, action)
        details = await self._tasks.details(session, task)
        node_id = node_of(operation)
        if node_id is not None:
            await self._tasks.require_node(session, task, node_id)
        graph = await self._tasks.graph(session, task)
        operation = await self._checks.require(session, principal, details, graph, operation)
        try:
            check_operation(graph, _state(details), operation)
        except InvalidOperation as error:
            raise IllegalOperation(str(error)) from None
        operation = await self._checks.fitting(session, details, graph, operation)
        message = self._store(session, principal, task, operation, node_id)
        after_commit(session, lambda: self._wake(task.id, task.lease_owner))
        return Asked(message.id, task.id, node_id)

    async def settled(self, asked: Asked) -> bool:
        """Waits until the owner has done it; false when nobody did in time, and it will still be done.

        Raises:
            IllegalOperation: the task had moved on meanwhile.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_SECONDS
        with self._changes.listen(asked.task_id) as changed:
            while True:
                async with self._database.reading() as session:
                    message = await repository.find_message(session, asked.message_id)
                if message is not None and message.reason is not None:
                    raise IllegalOperation(message.reason)
                if message is None or message.settled_at is not None:
                    return True
                if loop.time() > deadline:
                    return False
                await _until(changed)

    async def outcome(self, asked: Asked) -> TaskDetails:
        """The task after the operation."""
        async with self._database.reading() as session:
            task = await repository.require_task(session, asked.task_id)
            return await self._tasks.details(session, task)

    def _store(
        self, session: AsyncSession, principal: Principal, task: Task, operation: Operation, node_id: str | None
    ) -> TaskMessage:
        name = NAMES[type(operation)]
        message = TaskMessage(
            id=new_id(),
            task_id=task.id,
            kind=name,
            node_id=node_id,
            data=operation_data(operation),
            actor=principal.id,
            created_at=self._clock.now(),
        )
        session.add(message)
        record(
            session,
            principal,
            f"task.{name}_requested",
            "task",
            task.id,
            before={"state": task.state},
            after={"operation": name} | _told(operation),
            project_id=task.project_id,
            task_id=task.id,
        )
        return message


def _told(operation: Operation) -> dict[str, Any]:
    """What the audit log keeps of an operation: of inputs the names alone."""
    told: dict[str, Any] = {}
    node = node_of(operation)
    if node is not None:
        told["node"] = node
    if isinstance(operation, RetryRequested | ChangeInputsRequested) and operation.inputs:
        told["changed_inputs"] = sorted(operation.inputs)
    if isinstance(operation, ChooseRequested):
        told["edges"] = list(operation.edges)
    if isinstance(operation, DecideRequested):
        told |= {"approved": operation.approved, "comment": operation.comment}
        if operation.in_place_of:
            told["in_place_of"] = list(operation.in_place_of)
    return told


def _state(details: TaskDetails) -> State:
    """As much of the machine's state as decides what is legal."""
    progress = details.task.progress or {}
    return State(
        details.task.id,
        TaskState(details.task.state),
        {name: _run(run) for name, run in details.runs.items()},
        held=tuple(Token(*token) for token in progress.get("held", ())),
        paused=frozenset(progress.get("paused", ())),
    )


def _run(run: NodeRun) -> Run:
    started = run.started_at.timestamp()
    return Run(run.id, run.node_id, run.attempt, NodeState(run.state), run.fork, started, run.step)


async def _until(changed: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            await changed.wait()
    except TimeoutError:
        return
    changed.clear()
