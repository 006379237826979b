"""Nodes of a task as clients of Standard OPS read and operate them."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.authorizer import Authorizer
from kernel.principal import Principal
from kernel.secret_handles import masked
from orchestrator.engine.events import (
    ChooseRequested,
    DecideRequested,
    ForceFailRequested,
    NodeOperation,
    PauseNodeRequested,
    ResumeNodeRequested,
    RetryRequested,
    SignalRequested,
    SkipRequested,
)
from orchestrator.engine.states import NodeState
from orchestrator.flow.model import DecisionNode
from orchestrator.runtime import models
from orchestrator.sops.answering import Beside
from orchestrator.sops.errors import NotHere, ParameterWrong
from orchestrator.sops.moments import elapsed, moment
from orchestrator.sops.nodes.durations import NodeDurations
from orchestrator.sops.nodes.schemas import (
    GetNode,
    GetNodeData,
    GetNodeLog,
    NodeCallback,
    NodeData,
    NodeDetail,
    NodeRun,
    OfNode,
    OperateNode,
    Output,
)
from orchestrator.sops.places import Places
from orchestrator.sops.tasks.status import state_of_node
from orchestrator.tasks.errors import IllegalOperation
from orchestrator.tasks.operations import Asked, OperationService
from orchestrator.tasks.service import NodeStory, TaskService

_SIMPLE: Final[Mapping[str, Callable[[float, str, str], NodeOperation]]] = {
    "skip": SkipRequested,
    "forced_fail": ForceFailRequested,
    "pause": PauseNodeRequested,
    "pause_subproc": PauseNodeRequested,
    "resume": ResumeNodeRequested,
    "resume_subproc": ResumeNodeRequested,
}


class NodeComponents:
    def __init__(
        self, places: Places, authorizer: Authorizer, tasks: TaskService, operations: OperationService, clock: Clock
    ) -> None:
        self._places = places
        self._durations = NodeDurations(authorizer)
        self._tasks = tasks
        self._operations = operations
        self._clock = clock

    async def get_task_node_detail(self, session: AsyncSession, principal: Principal, asked: GetNode) -> NodeDetail:
        """The latest attempt at the node, with those before it."""
        task = await self._task(session, principal, asked)
        runs = _reached(await self._tasks.node(session, principal, task.id, asked.path), asked.loop)
        node = (await self._tasks.graph(session, task)).find(asked.path)
        name = node.label if node is not None else asked.node_id
        now = self._clock.now()
        if not runs:
            return NodeDetail(id=asked.path, name=name, histories=[], **_not_reached())
        latest = _run(runs[-1], now)
        histories = [_run(run, now) for run in runs[:-1]]
        return NodeDetail(id=asked.path, name=name, histories=histories, **latest.model_dump())

    async def get_task_node_data(
        self, session: AsyncSession, principal: Principal, asked: GetNodeData
    ) -> dict[str, Any]:
        task = await self._task(session, principal, asked)
        runs = _reached(await self._tasks.node(session, principal, task.id, asked.path), asked.loop)
        data = NodeData(inputs={}, outputs=[], ex_data="")
        if runs:
            run = runs[-1]
            data = NodeData(inputs=masked(run.inputs or {}), outputs=_outputs(run), ex_data=masked(run.error or ""))
        if not asked.template_node_id:
            return data.model_dump(exclude={"execution_time"})
        data.execution_time = await self._durations.of_node(session, principal, task, asked.template_node_id)
        return data.model_dump()

    async def get_task_node_log(self, session: AsyncSession, principal: Principal, asked: GetNodeLog) -> Beside:
        """What an attempt left, as text, and which part of it that is.

        Raises:
            NotHere: the node was never at that version.
        """
        story = await self._story(session, principal, asked)
        version = asked.version or (story.runs[-1].id if story.runs else "")
        if asked.version and all(run.id != version for run in story.runs):
            raise NotHere("attempt", version)
        lines = story.log.get(version, ())
        size = asked.page_size or max(1, len(lines))
        shown = lines[(asked.page - 1) * size : asked.page * size]
        text = "\n".join(f"{moment(line.at)}: {masked(line.message)}" for line in shown)
        return Beside(text, {"page": {"page": asked.page, "page_size": size, "total": len(lines)}})

    async def operate_node(self, session: AsyncSession, principal: Principal, asked: OperateNode) -> Asked:
        task = await self._task(session, principal, asked)
        if asked.action == "callback":
            return await self._call_back(session, principal, task, asked.path, asked.data)
        return await self._operations.ask(session, principal, task.id, _operation(asked, principal.id))

    async def node_callback(self, session: AsyncSession, principal: Principal, asked: NodeCallback) -> Asked:
        """Brings a node what it waits for."""
        task = await self._task(session, principal, asked)
        if asked.version:
            story = await self._tasks.node(session, principal, task.id, asked.path)
            if not story.runs or story.runs[-1].id != asked.version:
                raise IllegalOperation(f"{asked.path} is no longer at the version {asked.version}")
        return await self._call_back(session, principal, task, asked.path, asked.callback_data)

    async def _call_back(
        self, session: AsyncSession, principal: Principal, task: models.Task, path: str, data: dict[str, Any]
    ) -> Asked:
        """A node that asks a person is confirmed by it; an approval is given, or refused by `approved` false."""
        node = (await self._tasks.graph(session, task)).find(path)
        operation: NodeOperation = SignalRequested(time.time(), path, data, principal.id)
        if isinstance(node, DecisionNode):
            approved = data.pop("approved", True) is not False
            comment = str(data.pop("comment", ""))[:2000]
            operation = DecideRequested(time.time(), path, approved, comment, data, principal.id)
        return await self._operations.ask(session, principal, task.id, operation)

    async def _story(self, session: AsyncSession, principal: Principal, asked: OfNode) -> NodeStory:
        task = await self._task(session, principal, asked)
        return await self._tasks.node(session, principal, task.id, asked.path)

    async def _task(self, session: AsyncSession, principal: Principal, asked: OfNode) -> models.Task:
        place = await self._places.project(session, principal, asked)
        return await self._places.task(session, place, asked.task_id)


def _operation(asked: OperateNode, actor: str) -> NodeOperation:
    now, path = time.time(), asked.path
    match asked.action:
        case "retry" | "retry_subprocess":
            return RetryRequested(now, path, asked.inputs or None, actor)
        case "skip_exg" | "skip_cpg":
            ways = asked.flow_ids or ([asked.flow_id] if asked.flow_id else [])
            if not ways:
                raise ParameterWrong("flow_id", "is missing: name the way to go")
            return ChooseRequested(now, path, tuple(ways), actor)
        case action:
            return _SIMPLE[action](now, path, actor)


def _reached(story: NodeStory, loop: int | None) -> list[models.NodeRun]:
    """Attempts of the n-th time it was reached, or all."""
    return [run for run in story.runs if loop is None or run.loop == loop]


def _not_reached() -> dict[str, Any]:
    return {
        "state": "CREATED",
        "retry": 0,
        "loop": 0,
        "skip": False,
        "error_ignorable": False,
        "version": "",
        "start_time": "",
        "finish_time": "",
        "elapsed_time": 0,
        "inputs": {},
        "outputs": [],
        "ex_data": None,
    }


def _run(run: models.NodeRun, now: datetime) -> NodeRun:
    state = NodeState(run.state)
    return NodeRun(
        state=state_of_node(state),
        retry=max(0, run.attempt - 1),
        loop=run.loop,
        skip=state is NodeState.SKIPPED,
        error_ignorable=state is NodeState.IGNORED,
        version=run.id,
        start_time=moment(run.started_at),
        finish_time=moment(run.finished_at),
        elapsed_time=elapsed(run.started_at, run.finished_at, now),
        inputs=masked(run.inputs or {}),
        outputs=_outputs(run),
        ex_data=masked(run.error),
    )


def _outputs(run: models.NodeRun) -> list[Output]:
    """Those of the plugin, then whether it went well and the n-th time it was reached."""
    own = [Output(key=key, name=key, value=value) for key, value in masked(run.outputs or {}).items()]
    if run.finished_at is None:
        return own
    well = NodeState(run.state) is NodeState.FINISHED
    return [*own, Output(key="_result", name="_result", value=well), Output(key="_loop", name="_loop", value=run.loop)]
