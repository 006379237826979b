"""One operation on many tasks: each asked for, checked and recorded by itself, in a transaction of its own."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.authorizer import Action
from kernel.db.database import Database
from kernel.db.pages import PageRequest
from kernel.errors import TrunklineError
from kernel.principal import Principal
from orchestrator.engine.events import (
    ForceFailRequested,
    Operation,
    PauseRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
)
from orchestrator.engine.operations import NODE_OPERATIONS
from orchestrator.engine.states import NodeState
from orchestrator.flow.paths import inside
from orchestrator.runtime.models import Task
from orchestrator.tasks import repository
from orchestrator.tasks.errors import IllegalOperation
from orchestrator.tasks.filters import TaskFilter
from orchestrator.tasks.inside import still_counts
from orchestrator.tasks.operations import PATIENCE_SECONDS, Asked, OperationService
from orchestrator.tasks.service import TaskService

MOST_TASKS: Final = 200
AT_ONCE: Final = 8
"""So many tasks are asked for at once: each waits for the database some ten times, which others wait for too."""
_LOOK_SECONDS: Final = 0.1


class BulkOperation(StrEnum):
    """RETRY: every failed node of the task. FORCE_FAIL: every node under way."""

    PAUSE = "pause"
    RESUME = "resume"
    REVOKE = "revoke"
    RETRY = "retry"
    FORCE_FAIL = "force_fail"


class Outcome(StrEnum):
    """ACCEPTED: nobody has done it yet, and it will still be done."""

    DONE = "done"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of one task.

    Attributes:
        nodes: those it was done to, where the operation is one on nodes.
        code, reason: why not, or why not to every node.
    """

    task_id: str
    outcome: Outcome
    nodes: tuple[str, ...] = ()
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Attributes:
    more: there are others that fit.
    """

    task_ids: Sequence[str]
    more: bool


_ON_TASKS: Final[MappingProxyType[BulkOperation, Callable[[float, str], Operation]]] = MappingProxyType(
    {
        BulkOperation.PAUSE: PauseRequested,
        BulkOperation.RESUME: ResumeRequested,
        BulkOperation.REVOKE: RevokeRequested,
    }
)
_ON_NODES: Final[MappingProxyType[BulkOperation, Callable[[float, str, str], Operation]]] = MappingProxyType(
    {
        BulkOperation.RETRY: lambda now, node, actor: RetryRequested(now, node, None, actor),
        BulkOperation.FORCE_FAIL: ForceFailRequested,
    }
)
_NOT_THERE: Final = MappingProxyType(
    {
        BulkOperation.RETRY: "no node of the task has failed",
        BulkOperation.FORCE_FAIL: "no node of the task is under way",
    }
)


class BulkOperations:
    """Whoever asks needs for each task what he would need for it alone; a refusal stops none of the others."""

    def __init__(
        self,
        tasks: TaskService,
        operations: OperationService,
        database: Database,
        clock: Clock,
    ) -> None:
        self._tasks = tasks
        self._operations = operations
        self._database = database
        self._clock = clock

    async def choose(self, session: AsyncSession, principal: Principal, project: str, wanted: TaskFilter) -> Chosen:
        """The newest tasks of a project that fit, `MOST_TASKS` at most; the caller must see the project's tasks."""
        found = await self._tasks.list_in_project(session, principal, project, wanted, PageRequest(MOST_TASKS))
        return Chosen([task.id for task in found.items], found.next is not None)

    async def operate(
        self, principal: Principal, task_ids: Sequence[str], operation: BulkOperation
    ) -> list[BulkResult]:
        """One result for each task, in their order; waits a few seconds for the tasks' owners."""
        begun = await self._ask_each(principal, dict.fromkeys(task_ids), operation)
        reasons = await self._settled([asked.message_id for _, messages in begun for asked in messages])
        return [_after(result, messages, reasons) for result, messages in begun]

    async def _ask_each(
        self, principal: Principal, task_ids: Iterable[str], operation: BulkOperation
    ) -> list[tuple[BulkResult, list[Asked]]]:
        places = asyncio.Semaphore(AT_ONCE)

        async def ask(task_id: str) -> tuple[BulkResult, list[Asked]]:
            async with places:
                return await self._ask(principal, task_id, operation)

        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(ask(task_id)) for task_id in task_ids]
        return [each.result() for each in asking]

    async def _ask(
        self, principal: Principal, task_id: str, operation: BulkOperation
    ) -> tuple[BulkResult, list[Asked]]:
        try:
            async with self._database.unit_of_work() as session:
                if operation in _ON_TASKS:
                    event = _ON_TASKS[operation](self._now(), principal.id)
                    return BulkResult(task_id, Outcome.ACCEPTED), [
                        await self._operations.ask(session, principal, task_id, event)
                    ]
                return await self._ask_nodes(session, principal, task_id, operation)
        except TrunklineError as error:
            return BulkResult(task_id, Outcome.REFUSED, code=error.code, reason=error.detail), []

    async def _ask_nodes(
        self, session: AsyncSession, principal: Principal, task_id: str, operation: BulkOperation
    ) -> tuple[BulkResult, list[Asked]]:
        task = await self._tasks.require(session, principal, task_id, Action.TASK_OPERATE)
        nodes = await _nodes_for(session, task, operation)
        if not nodes:
            raise IllegalOperation(_NOT_THERE[operation])
        asked: list[Asked] = []
        refused: list[TrunklineError] = []
        for node in nodes:
            try:
                event = _ON_NODES[operation](self._now(), node, principal.id)
                asked.append(await self._operations.ask(session, principal, task_id, event))
            except TrunklineError as error:  # refused before anything was written
                refused.append(error)
        if not asked:
            raise refused[0]
        done = tuple(each.node_id or "" for each in asked)
        reason = "; ".join(error.detail for error in refused)
        return BulkResult(task_id, Outcome.ACCEPTED, done, refused[0].code if refused else "", reason), asked

    async def _settled(self, message_ids: Sequence[str]) -> dict[str, str | None]:
        """Message → why it was refused in the end, or none; those nobody has looked at in time are absent."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_SECONDS
        while True:
            async with self._database.reading() as session:
                settled = await repository.settled_messages(session, message_ids)
            if len(settled) == len(message_ids) or loop.time() > deadline:
                return settled
            await asyncio.sleep(_LOOK_SECONDS)

    def _now(self) -> float:
        return self._clock.now().timestamp()


async def _nodes_for(session: AsyncSession, task: Task, operation: BulkOperation) -> list[str]:
    """The innermost nodes the operation fits by their state; what stands around them follows. None of those in a part
    that is over: it took along what had failed in it.
    """
    runs = await repository.latest_runs(session, task.id)
    states = {node: NodeState(run.state) for node, run in runs.items() if still_counts(node, runs)}
    if operation is BulkOperation.RETRY:
        found = [node for node, state in states.items() if state is NodeState.FAILED]
    else:
        found = [node for node, state in states.items() if "force_fail" in NODE_OPERATIONS[state]]
    return [node for node in found if not any(inside(other, node) for other in found if other != node)]


def _after(result: BulkResult, messages: Sequence[Asked], reasons: dict[str, str | None]) -> BulkResult:
    if result.outcome is Outcome.REFUSED or any(asked.message_id not in reasons for asked in messages):
        return result
    late = [(asked, reason) for asked in messages if (reason := reasons[asked.message_id]) is not None]
    if not late:
        return replace(result, outcome=Outcome.DONE)
    missed = {asked.node_id for asked, _ in late}
    reason = "; ".join(filter(None, [result.reason, *(reason for _, reason in late)]))
    outcome = Outcome.REFUSED if len(late) == len(messages) else Outcome.DONE
    nodes = tuple(node for node in result.nodes if node not in missed)
    return replace(result, outcome=outcome, nodes=nodes, code=IllegalOperation.code, reason=reason)
