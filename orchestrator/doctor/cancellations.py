"""What plugins are to be told: where nobody tells it, or telling it takes too long, and what a mended task leaves."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.audit.log import record
from kernel.contracts.plugin_invoker import CancelState
from kernel.principal import Principal
from orchestrator.doctor import repository
from orchestrator.doctor.findings import TAKEN_WITHIN, Finding, Moment
from orchestrator.engine.invariants import Invariant
from orchestrator.engine.states import CALLED
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import PluginNode
from orchestrator.runtime.models import NodeCancellation, NodeRun

_MOST_AT_ONCE: Final = 1000
_MOST_ATTEMPTS: Final = 100
"""More than the time until a plugin is given up has room for."""
_CALLED: Final = frozenset(state.value for state in CALLED)


def why_overdue(asked: NodeCancellation, at: Moment, *, somebody_tells: bool) -> str:
    """What is seen; empty when all is well.

    Args:
        somebody_tells: a process that lives tells other plugins in time: what is due may stand in line for it.
    """
    long_ago = at.now - TAKEN_WITHIN
    if asked.due_at is None:
        return ""
    if asked.attempts > _MOST_ATTEMPTS:
        return f"its plugin was told {asked.attempts} times that it is wanted no more, and what came of it is not known"
    if asked.taken_by is not None and at.is_alive(asked.taken_by):
        is_late = asked.taken_until is not None and asked.taken_until < long_ago
        return f"{asked.taken_by} tells its plugin; that was to be over at {asked.taken_until}" if is_late else ""
    if asked.due_at >= long_ago or somebody_tells:
        return ""
    if asked.taken_by is not None:
        return f"{asked.taken_by} told its plugin that it is wanted no more, and does not live any more"
    told_at = f"{asked.due_at:%Y-%m-%d %H:%M:%S}"
    return f"its plugin was to be told at {told_at} UTC that it is wanted no more"


async def overdue(
    session: AsyncSession, at: Moment, task_ids: Collection[str] | None = None, *, hold: bool = False
) -> list[tuple[NodeCancellation, Finding]]:
    """Those of all tasks, or of these; with what is to be told of each.

    Args:
        hold: they are to be changed.
    """
    alive = [worker for worker in at.workers if at.is_alive(worker)]
    somebody_tells = await repository.somebody_tells(session, alive, at.now)
    late = (col(NodeCancellation.taken_until) < at.now - TAKEN_WITHIN) | (
        col(NodeCancellation.attempts) > _MOST_ATTEMPTS
    )
    if not somebody_tells:
        late |= col(NodeCancellation.due_at) < at.now - TAKEN_WITHIN
    found = []
    for asked, project_id in await repository.cancellations(session, late, _MOST_AT_ONCE, task_ids, hold=hold):
        if why := why_overdue(asked, at, somebody_tells=somebody_tells):
            where = (asked.task_id, project_id, asked.node_id)
            found.append((asked, Finding(Invariant.CANCELLATION_TAKEN, *where, why, 0)))
    return found


async def mend_overdue(
    session: AsyncSession, principal: Principal, at: Moment, told: Iterable[Finding]
) -> Sequence[Finding]:
    """Has those that are still overdue told at once, or gives them up; answers them."""
    wanted = {(each.task_id, each.node_id) for each in told if each.invariant is Invariant.CANCELLATION_TAKEN}
    if not wanted:
        return []
    mended: dict[Finding, None] = {}
    tasks = {task_id for task_id, _ in wanted}
    for asked, finding in await overdue(session, at, tasks, hold=True):
        if (finding.task_id, finding.node_id) not in wanted:
            continue
        before = {"run": asked.run_id, "state": asked.state, "why": finding.why}
        _mend(asked, at.now)
        record(
            session,
            principal,
            "node_cancellation.mended",
            "task",
            asked.task_id,
            before=before,
            after={"run": asked.run_id, "state": asked.state},
            project_id=finding.project_id or None,
            task_id=asked.task_id,
        )
        mended[finding] = None
    return list(mended)


async def ask_for(session: AsyncSession, run: NodeRun, graph: Graph | None, now: datetime) -> bool:
    """Has the plugin told of a run that is ended by its row alone, as the engine does of each that it ends.

    Args:
        graph: none when the flow can't be read. Whoever is to tell then says that it can't be told.

    Returns:
        Whether there is anything to tell.
    """
    node = None if graph is None else graph.find(run.node_id)
    calls = node is None or (isinstance(node, PluginNode) and node.mock is None)
    if run.state not in _CALLED or not run.step or not calls:
        return False
    if await session.get(NodeCancellation, run.id) is not None:
        return False
    asked = NodeCancellation(
        run_id=run.id,
        task_id=run.task_id,
        node_id=run.node_id,
        state=CancelState.WAITING.value,
        asked_at=now,
        due_at=now,
        storage=run.storage,
    )
    session.add(asked)
    return True


def _mend(asked: NodeCancellation, now: datetime) -> None:
    asked.taken_by = asked.taken_until = None
    if asked.attempts > _MOST_ATTEMPTS:
        asked.state, asked.due_at = CancelState.NOT_REACHED.value, None
        asked.reason = f"given up after {asked.attempts} attempts"
    else:
        asked.due_at = now
