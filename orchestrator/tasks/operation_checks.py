"""Who may ask for an operation, and whether what he sends with it fits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action
from kernel.contracts.plugin_directory import PluginDirectory
from kernel.errors import FieldProblem, PermissionDenied
from kernel.forms.data import validate_data
from kernel.forms.model import Form
from kernel.forms.secrets import secret_fields
from kernel.principal import Principal
from kernel.secret_handles import handles_in, masked
from orchestrator.engine.events import (
    ChangeInputsRequested,
    ChooseRequested,
    DecideRequested,
    Operation,
    RetryRequested,
    SignalRequested,
)
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DecisionNode, NodeKind, PluginNode
from orchestrator.launch.forms import accepted_inputs, each_alone, form_of, launch_form
from orchestrator.runtime.models import Task
from orchestrator.secret_inputs.service import SecretInputs, kept_where_hidden
from orchestrator.tasks import repository
from orchestrator.tasks.errors import InputsRefused
from orchestrator.tasks.service import TaskDetails, TaskService, current_inputs


class OperationChecks:
    """A launcher may operate his own task as it is; what changes what it does needs `task.operate` by a role."""

    def __init__(self, tasks: TaskService, plugins: PluginDirectory, secrets: SecretInputs) -> None:
        self._tasks = tasks
        self._plugins = plugins
        self._secrets = secrets

    async def require(
        self, session: AsyncSession, principal: Principal, details: TaskDetails, graph: Graph, operation: Operation
    ) -> Operation:
        """The operation as the caller may ask for it: a decision says in whose place he takes it.

        Raises:
            PermissionDenied: the caller may operate the task, and not so.
        """
        if isinstance(operation, DecideRequested):
            return await self._require_decision(session, principal, details, graph, operation)
        if isinstance(operation, ChangeInputsRequested | ChooseRequested | SignalRequested) or (
            isinstance(operation, RetryRequested) and operation.inputs
        ):
            await self._tasks.require_role(session, principal, details.task, Action.TASK_OPERATE)
        return operation

    async def fitting(
        self, session: AsyncSession, details: TaskDetails, graph: Graph, operation: Operation
    ) -> Operation:
        """The operation with what it carries checked, defaults filled in and secrets sealed.

        Raises:
            InputsRefused: naming each wrong field.
        """
        match operation:
            case RetryRequested():
                operation = await self._without_what_is_hidden(session, details, operation)
                await self._check_inputs(session, details.task, graph, operation)
            case ChangeInputsRequested():
                form, before = launch_form(details.definition), current_inputs(details.task)
                given = {**before, **kept_where_hidden(form.schema, operation.inputs, before)}
                inputs = await self._sealed(session, details.task, form, accepted_inputs(form, given))
                return replace(operation, inputs=inputs)
            case DecideRequested(approved=True):
                node = graph.nodes[operation.node]
                form = form_of(node.form if isinstance(node, DecisionNode) else None)
                data = accepted_inputs(form, operation.data, "/data")
                return replace(operation, data=await self._sealed(session, details.task, form, data))
            case _:
                pass
        return operation

    async def _sealed(self, session: AsyncSession, task: Task, form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._secrets.seal(session, task.id, form.schema, values, held_by=task.id)

    async def _without_what_is_hidden(
        self, session: AsyncSession, details: TaskDetails, operation: RetryRequested
    ) -> RetryRequested:
        """What is sent back as it is shown, secrets hidden, is meant to stay: the node works it out again."""
        run = details.runs.get(operation.node)
        if not operation.inputs or run is None:
            return operation
        found = await repository.find_run(session, run.id)
        before = (found.inputs if found is not None else None) or {}
        stays = {
            name for name, value in before.items() if handles_in(value) and operation.inputs.get(name) == masked(value)
        }
        return replace(operation, inputs={name: value for name, value in operation.inputs.items() if name not in stays})

    async def _require_decision(
        self,
        session: AsyncSession,
        principal: Principal,
        details: TaskDetails,
        graph: Graph,
        decision: DecideRequested,
    ) -> DecideRequested:
        """Whom the flow names decides; where it names nobody, who operates, and his own approval nobody gives."""
        run = details.runs.get(decision.node)
        asked = None if run is None else await repository.find_run(session, run.id)
        approvers = await self._tasks.approvers(session, asked)
        if principal.id in approvers.names:
            return decision
        if approvers.present:
            raise PermissionDenied(f"Only {', '.join(approvers.present)} may decide here")
        if approvers.names:
            await self._require_substitute(session, principal, details.task, approvers.names)
            return replace(decision, in_place_of=approvers.names)
        if graph.nodes[decision.node].kind is NodeKind.APPROVAL:
            await self._tasks.require_role(session, principal, details.task, Action.TASK_OPERATE)
        return decision

    async def _require_substitute(
        self, session: AsyncSession, principal: Principal, task: Task, absent: Sequence[str]
    ) -> None:
        """In place of approvers of whom none may sign in any more decides who may manage the project."""
        try:
            await self._tasks.require_role(session, principal, task, Action.PROJECT_MANAGE)
        except PermissionDenied as refused:
            reason = f"None of those who may decide here may sign in ({', '.join(absent)}): in their place an owner of"
            raise PermissionDenied(f"{reason} the project or an administrator decides. {refused.detail}") from None

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
                ] or validate_data(each_alone(plugin.inputs), dict(operation.inputs), "/inputs")
                if problems:
                    raise InputsRefused("; ".join(f"{p.field} {p.problem}" for p in problems[:5]), fields=problems)
