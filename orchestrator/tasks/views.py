"""What of a task goes over the wire."""

from typing import Any

from kernel.contracts.plugin_invoker import CancelState
from kernel.secret_handles import masked
from orchestrator.engine.states import NodeState, TaskState
from orchestrator.runtime.models import NodeCancellation, NodeRun, Task, TaskEvent
from orchestrator.tasks import inside
from orchestrator.tasks.origins import OriginKind
from orchestrator.tasks.repository import RunSummary
from orchestrator.tasks.schemas import (
    CallView,
    CancellationView,
    HistoryEntry,
    InsideView,
    LockHolder,
    LogLine,
    LoopView,
    NodeDetail,
    NodeView,
    RunView,
    TaskCancellation,
    TaskProgress,
    TaskSummary,
    TaskView,
)
from orchestrator.tasks.service import Inside, NodeStory, TaskDetails, current_inputs


def task_summary(task: Task) -> TaskSummary:
    return TaskSummary(**_summary(task))


def task_progress(details: TaskDetails) -> TaskProgress:
    return TaskProgress(**_progress(details))


def task_view(details: TaskDetails) -> TaskView:
    return TaskView(
        **_progress(details),
        inputs=masked(current_inputs(details.task)),
        definition=masked(details.definition),
    )


def node_view(node_id: str, details: TaskDetails) -> NodeView:
    return _node_view(node_id, details.runs.get(node_id), details.task)


def _node_view(node_id: str, run: RunSummary | None, task: Task) -> NodeView:
    paused = node_id in (task.progress or {}).get("paused", ())
    if run is None:
        return NodeView(
            node_id=node_id,
            state=NodeState.PENDING,
            attempt=0,
            loop=0,
            started_at=None,
            finished_at=None,
            error=None,
            paused=paused,
        )
    return NodeView(
        node_id=node_id,
        state=NodeState(run.state),
        attempt=run.attempt,
        loop=run.loop,
        started_at=run.started_at,
        finished_at=run.finished_at,
        error=masked(run.error),
        paused=paused,
    )


def history_entry(event: TaskEvent) -> HistoryEntry:
    return HistoryEntry(
        sequence=event.sequence, at=event.at, kind=event.kind, node_id=event.node_id, data=masked(event.data)
    )


def node_detail(story: NodeStory) -> NodeDetail:
    views = [_run_view(run, story) for run in story.runs]
    last = story.runs[-1] if story.runs else None
    return NodeDetail(
        node_id=story.node_id,
        state=views[-1].state if views else NodeState.PENDING,
        runs=views,
        lock=masked(last.lock_key) if last is not None else None,
        held_by=[LockHolder(**holder._asdict()) for holder in story.holders],
        event=last.awaits if last is not None and last.state == NodeState.WAITING_EVENT else None,
        absent_approvers=list(story.approvers.absent),
    )


def _run_view(run: NodeRun, story: NodeStory) -> RunView:
    cancellation = story.cancellations.get(run.id)
    return RunView(
        id=run.id,
        attempt=run.attempt,
        loop=run.loop,
        state=NodeState(run.state),
        inputs=masked(run.inputs),
        outputs=masked(run.outputs),
        error=masked(run.error),
        started_at=run.started_at,
        finished_at=run.finished_at,
        log=[LogLine(at=line.at, message=masked(line.message)) for line in story.log.get(run.id, ())],
        calls=[
            CallView(
                idempotency_key=call.idempotency_key or None,
                component=call.component,
                status=call.status,
                request_id=call.request_id,
                executor=call.executor,
                at=call.at,
            )
            for call in story.calls.get(run.id, ())
        ],
        cancellation=None if cancellation is None else _cancellation_view(cancellation),
    )


def task_cancellation(found: NodeCancellation) -> TaskCancellation:
    return TaskCancellation(**_cancellation_view(found).model_dump(), node_id=found.node_id, run_id=found.run_id)


def _cancellation_view(found: NodeCancellation) -> CancellationView:
    return CancellationView(state=CancelState(found.state), reason=masked(found.reason), asked_at=found.asked_at)


def inside_view(found: Inside, limit: int, offset: int) -> InsideView:
    page = found.paths[offset : offset + limit]
    more = offset + limit < len(found.paths)
    return InsideView(
        counts=dict(found.counts),
        items=[_node_view(path, found.runs[path], found.task) for path in page],
        next=str(offset + limit) if more else None,
    )


def _progress(details: TaskDetails) -> dict[str, Any]:
    """Of the nodes every one of the definition, then what ran inside them, as far as it is shown."""
    loops = inside.items_by_loop(details.runs)
    left_out = inside.hidden(loops)
    drawn = (node["id"] for node in details.definition["nodes"])
    ids = dict.fromkeys([*drawn, *inside.shown(details.runs, left_out)])
    return {
        **_summary(details.task),
        "outputs": masked(details.task.outputs),
        "nodes": {node_id: node_view(node_id, details) for node_id in ids},
        "loops": {
            loop: LoopView(counts=dict(loops[loop].counts), shown=min(len(loops[loop].ranked), inside.SHOWN_ITEMS))
            for loop in inside.shown(loops, left_out)
        },
    }


def _summary(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "flow_id": task.flow_id,
        "flow_name": task.flow_name,
        "revision": task.revision,
        "project_id": task.project_id,
        "name": task.name,
        "state": TaskState(task.state),
        "created_by": task.created_by,
        "created_at": task.created_at,
        "queued_at": task.queued_at,
        "started_at": task.started_at,
        "finished_at": task.finished_at,
        "origin": OriginKind(task.origin),
        "origin_id": task.origin_id,
        "origin_name": task.origin_name,
        "common": task.common,
    }
