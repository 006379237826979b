"""Tasks as people see them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.profiles import Profiles
from kernel.contracts.projects import ProjectDirectory
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import NotFound
from kernel.principal import Principal
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.flow.graph import Graph
from orchestrator.flow.graph_cache import GraphCache
from orchestrator.flows.resources import project_resource, reach_of, task_resource
from orchestrator.runtime.history import Entries, entries_of
from orchestrator.runtime.models import NodeCall, NodeCancellation, NodeLog, NodeRun, Task, TaskDefinition, TaskEvent
from orchestrator.runtime.rows import AWAITS_LOCK
from orchestrator.tasks import repository
from orchestrator.tasks.approvers import Approvers, approvers_of
from orchestrator.tasks.filters import TaskFilter
from orchestrator.tasks.inside import in_state, of_node
from orchestrator.tasks.repository import RunSummary
from orchestrator.waiting.repository import Holder, holders

_GRAPHS: Final = 64


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """Attributes:
    runs: node id → latest run; nodes not reached are absent.
    """

    task: Task
    definition: Mapping[str, Any]
    runs: Mapping[str, NodeRun]


@dataclass(frozen=True, slots=True)
class Inside:
    """What ran directly inside a node.

    Attributes:
        runs: path of what ran inside it at whatever depth → its latest run.
        paths: of what ran directly inside, as far as it is wanted.
        counts: state → how many are in it, of all.
    """

    task: Task
    runs: Mapping[str, RunSummary]
    paths: Sequence[str]
    counts: Mapping[NodeState, int]


@dataclass(frozen=True, slots=True)
class NodeStory:
    """Attributes:
    calls, log, cancellations: by run id.
    holders: who holds the lock that its latest run waits for.
    approvers: whom its latest run waits for to decide.
    """

    node_id: str
    runs: Sequence[NodeRun]
    calls: Mapping[str, Sequence[NodeCall]]
    log: Mapping[str, Sequence[NodeLog]]
    cancellations: Mapping[str, NodeCancellation]
    holders: Sequence[Holder] = ()
    approvers: Approvers = field(default_factory=Approvers)


def current_inputs(task: Task) -> Mapping[str, Any]:
    """The inputs nodes begin with now: those of the launch, or what they were changed to."""
    changed: Mapping[str, Any] | None = (task.progress or {}).get("inputs")
    return task.inputs if changed is None else changed


class TaskService:
    """Reading tasks: by `task.view`, which a launcher always has on his own."""

    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, profiles: Profiles) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._profiles = profiles
        self._graphs = GraphCache(_GRAPHS)

    async def list_in_project(
        self, session: AsyncSession, principal: Principal, project: str, wanted: TaskFilter, page: PageRequest
    ) -> PageOf[Task]:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, project_resource(found.id))
        return await repository.list_tasks(session, col(Task.project_id) == found.id, wanted, page)

    async def list_own(
        self, session: AsyncSession, principal: Principal, wanted: TaskFilter, page: PageRequest
    ) -> PageOf[Task]:
        """Those the caller launched: everybody may see his own, as far as his credential counts."""
        self._authorizer.require_credential(principal, Action.TASK_VIEW, reach_of(principal))
        where = col(Task.created_by) == principal.id
        if principal.confined_to is not None:
            where &= col(Task.project_id) == principal.confined_to
        return await repository.list_tasks(session, where, wanted, page)

    async def list_of_origin(self, session: AsyncSession, wanted: TaskFilter, page: PageRequest) -> PageOf[Task]:
        """Of whatever person; the caller has checked that the principal may see them."""
        return await repository.list_tasks(session, true(), wanted, page)

    async def get(self, session: AsyncSession, principal: Principal, task_id: str) -> TaskDetails:
        return await self.details(session, await self.require(session, principal, task_id, Action.TASK_VIEW))

    async def launched(self, session: AsyncSession, principal: Principal, task_id: str) -> TaskDetails:
        """As `get`, of a task that a launch in this transaction came to: what has been made in it isn't read again."""
        task = await session.get_one(Task, task_id)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, task_resource(task))
        kept = await session.get(TaskDefinition, task.definition_id)
        if kept is None:  # it came to an earlier task, by its key
            raise repository.definition_lost(task)
        return await _detailed(session, task, kept.document)

    async def several(self, session: AsyncSession, principal: Principal, task_ids: Sequence[str]) -> list[Task]:
        """In the order they are named; those that are not there or not for the caller to see are left out."""
        found = await repository.find_tasks(session, task_ids)
        return [
            task
            for name in dict.fromkeys(task_ids)
            if (task := found.get(name)) and await self._sees(session, principal, task)
        ]

    async def node(self, session: AsyncSession, principal: Principal, task_id: str, node_id: str) -> NodeStory:
        """Every attempt at a node, with what it called and logged.

        Raises:
            NotFound: the definition has no such node.
        """
        task = await self.require(session, principal, task_id, Action.TASK_VIEW)
        await self.require_node(session, task, node_id)
        runs = await repository.runs_of_node(session, task.id, node_id)
        ids = [run.id for run in runs]
        calls: dict[str, list[NodeCall]] = defaultdict(list)
        for call in await repository.calls_of_runs(session, ids):
            calls[call.run_id].append(call)
        log: dict[str, list[NodeLog]] = defaultdict(list)
        for line in await repository.log_of_runs(session, ids):
            log[line.run_id].append(line)
        last = runs[-1] if runs else None
        waits = last is not None and last.awaits == AWAITS_LOCK
        held_by = await holders(session, task.project_id, last.lock_key or "") if last is not None and waits else ()
        cancellations = await repository.cancellations_of(session, ids)
        asks = last is not None and last.state == NodeState.WAITING_DECISION
        approvers = await self.approvers(session, last) if asks else Approvers()
        return NodeStory(node_id, runs, calls, log, cancellations, held_by, approvers)

    async def approvers(self, session: AsyncSession, run: NodeRun | None) -> Approvers:
        """Whom a run asks to decide, or has asked."""
        return await approvers_of(session, self._profiles, None if run is None else run.inputs)

    async def inside(
        self, session: AsyncSession, principal: Principal, task_id: str, node_id: str, state: NodeState | None
    ) -> Inside:
        """What ran directly inside a node, in one state or in any.

        Raises:
            NotFound: the definition has no such node.
        """
        task = await self.require(session, principal, task_id, Action.TASK_VIEW)
        await self.require_node(session, task, node_id)
        runs = await repository.runs_inside(session, task.id, node_id)
        found = of_node(node_id, runs)
        return Inside(task, runs, in_state(found, runs, state), found.counts)

    async def cancellations(
        self, session: AsyncSession, principal: Principal, task_id: str
    ) -> Sequence[NodeCancellation]:
        """What became of telling plugins that attempts of the task are wanted no more."""
        task = await self.require(session, principal, task_id, Action.TASK_VIEW)
        return await repository.cancellations_in(session, task.id)

    async def history(
        self, session: AsyncSession, principal: Principal, task_id: str, wanted: Entries, limit: int
    ) -> Sequence[TaskEvent]:
        """One more than `limit` when there are more."""
        task = await self.require(session, principal, task_id, Action.TASK_VIEW)
        return await entries_of(session, task.id, wanted, limit + 1)

    async def require(self, session: AsyncSession, principal: Principal, task_id: str, action: Action) -> Task:
        """The task, if the caller may.

        Raises:
            NotFound: no such task.
            PermissionDenied: not on this one.
        """
        task = await repository.require_task(session, task_id)
        await self._authorizer.require(session, principal, action, task_resource(task))
        return task

    async def require_role(self, session: AsyncSession, principal: Principal, task: Task, action: Action) -> None:
        """As `require`, but having launched the task counts for nothing."""
        resource = task_resource(task, for_launcher=False)
        await self._authorizer.require(session, principal, action, resource)

    async def details(self, session: AsyncSession, task: Task) -> TaskDetails:
        return await _detailed(session, task, await repository.definition_of(session, task))

    async def graph(self, session: AsyncSession, task: Task) -> Graph:
        """The one its definition draws: whoever looks at a task looks again."""
        found = self._graphs.get(task.definition_id)
        if found is None:
            found = self._graphs.keep(task.definition_id, await repository.definition_of(session, task))
        return found

    async def _sees(self, session: AsyncSession, principal: Principal, task: Task) -> bool:
        return await self._authorizer.allows(session, principal, Action.TASK_VIEW, task_resource(task))

    async def require_node(self, session: AsyncSession, task: Task, node_id: str) -> None:
        if (await self.graph(session, task)).find(node_id) is None:
            raise NotFound(f"The flow of this task has no node {node_id!r}")


async def _detailed(session: AsyncSession, task: Task, definition: dict[str, Any]) -> TaskDetails:
    began = task.state != TaskState.CREATED
    return TaskDetails(task, definition, await repository.latest_runs(session, task.id) if began else {})
