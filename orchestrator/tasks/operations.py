"""What people do to tasks: asked for here in one transaction, done by the task's owner."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action
from kernel.contracts.plugin_directory import PluginDirectory
from kernel.db.database import Database, after_commit
from kernel.errors import FieldProblem
from kernel.forms.data import validate_data
from kernel.forms.secrets import secret_fields
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.engine.events import ChangeInputsRequested, ChooseRequested, Operation, RetryRequested
from orchestrator.engine.model import Run, State, Token
from orchestrator.engine.operations import NAMES, InvalidOperation, check_operation, node_of
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.flow.document import read_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import PluginNode
from orchestrator.launch.forms import accepted_inputs, launch_form
from orchestrator.runtime.messages import operation_data
from orchestrator.runtime.models import NodeRun, Task, TaskMessage
from orchestrator.tasks import repository
from orchestrator.tasks.changes import TaskChanges
from orchestrator.tasks.errors import IllegalOperation, InputsRefused
from orchestrator.tasks.service import TaskDetails, TaskService, current_inputs

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
    """By `task.operate`, which a launcher always has on his own task; only what is legal in the present state.

    A launcher's own right ends at the inputs of a node: they say what the project's service app does, which its
    flow decided and he may only start. Changing them needs `task.operate` by a role.
    """

    def __init__(
        self,
        tasks: TaskService,
        plugins: PluginDirectory,
        database: Database,
        clock: Clock,
        changes: TaskChanges,
        wake: Callable[[str], None],
    ) -> None:
        self._tasks = tasks
        self._plugins = plugins
        self._database = database
        self._clock = clock
        self._changes = changes
        self._wake = wake

    async def ask(self, session: AsyncSession, principal: Principal, task_id: str, operation: Operation) -> Asked:
        """Stores the operation; once committed the owner is told.

        Raises:
            IllegalOperation: saying why.
            InputsRefused: changed inputs that don't fit the plugin, or the flow's form.
            PermissionDenied: no `task.operate` here, or changed inputs without a role that allows it.
        """
        task = await self._tasks.require(session, principal, task_id, Action.TASK_OPERATE)
        if isinstance(operation, RetryRequested | ChangeInputsRequested) and operation.inputs:
            await self._tasks.require_role(session, principal, task, Action.TASK_OPERATE)
        details = await self._tasks.details(session, task)
        node_id = node_of(operation)
        if node_id is not None:
            await self._tasks.require_node(session, task, node_id)
        graph = Graph(read_flow(details.definition))
        try:
            check_operation(graph, _state(details), operation)
        except InvalidOperation as error:
            raise IllegalOperation(str(error)) from None
        if isinstance(operation, RetryRequested):
            await self._check_inputs(session, task, graph, operation)
        if isinstance(operation, ChangeInputsRequested):
            operation = replace(operation, inputs=_changed(details, operation.inputs))
        message = self._store(session, principal, task, operation, node_id)
        after_commit(session, lambda: self._wake(task.id))
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

    async def _check_inputs(self, session: AsyncSession, task: Task, graph: Graph, operation: RetryRequested) -> None:
        node = graph.nodes[operation.node]
        if not operation.inputs:
            return
        if not isinstance(node, PluginNode):
            raise InputsRefused(
                "inputs: only a plugin node has inputs", fields=[FieldProblem("/inputs", "not expected")]
            )
        for plugin in await self._plugins.installed(session, task.project_id):
            if (plugin.code, plugin.version) == (node.plugin, node.version):
                problems = [
                    FieldProblem(f"/inputs/{name}", "takes a secret, which the flow names", "Leave it as it is")
                    for name in sorted(secret_fields(plugin.inputs) & operation.inputs.keys())
                ] or validate_data(_each_alone(plugin.inputs), dict(operation.inputs), "/inputs")
                if problems:
                    raise InputsRefused("; ".join(f"{p.field} {p.problem}" for p in problems[:5]), fields=problems)

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
    return told


def _each_alone(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of some of the inputs: each must fit, none is required."""
    kept = ("type", "properties", "additionalProperties", "patternProperties", "$defs", "definitions")
    return {key: schema[key] for key in kept if key in schema}


def _changed(details: TaskDetails, changed: Mapping[str, Any]) -> dict[str, Any]:
    """All inputs of the task once some are changed.

    Raises:
        InputsRefused: they don't fit the flow's form.
    """
    return accepted_inputs(launch_form(details.definition), {**current_inputs(details.task), **changed})


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
    return Run(run.id, run.node_id, run.attempt, NodeState(run.state), run.fork, run.started_at.timestamp())


async def _until(changed: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            await changed.wait()
    except TimeoutError:
        return
    changed.clear()
