"""How a task stands, in a few words."""

from collections.abc import Mapping

from kernel.contracts.agent_tools import TaskStanding
from kernel.secret_handles import masked
from orchestrator.agent_tools.single_node import OUTPUTS
from orchestrator.engine.states import ENDED, LIVE, NodeState, TaskState
from orchestrator.flow.model import NodeKind
from orchestrator.runtime.models import NodeRun
from orchestrator.tasks.service import TaskDetails

_DONE = frozenset({NodeState.FINISHED, NodeState.SKIPPED, NodeState.NOT_TAKEN})
_STUCK = frozenset({TaskState.FAILED, TaskState.SUSPENDED})
_MAX_NAMED = 3


def standing_of(details: TaskDetails) -> TaskStanding:
    """Counts the nodes that run plugins: the others take no time."""
    task = details.task
    names = {
        node["id"]: node.get("name") or node["id"]
        for node in details.definition["nodes"]
        if node["kind"] == NodeKind.PLUGIN
    }
    states = {node_id: NodeState(details.runs[node_id].state) for node_id in names if node_id in details.runs}
    state = TaskState(task.state)
    return TaskStanding(
        task_id=task.id,
        project_id=task.project_id,
        name=task.name,
        state=state.value,
        ended=state in ENDED,
        stuck=state in _STUCK,
        done=sum(each in _DONE for each in states.values()),
        total=len(names),
        message=_message(names, states, details.runs),
        outputs=masked(task.outputs if task.flow_id or task.outputs is None else task.outputs.get(OUTPUTS)),
    )


def _message(names: Mapping[str, str], states: Mapping[str, NodeState], runs: Mapping[str, NodeRun]) -> str:
    failed = [
        f"{names[node_id]}: {masked(runs[node_id].error) or 'failed'}"
        for node_id, state in states.items()
        if state is NodeState.FAILED
    ]
    if failed:
        return "; ".join(failed[:_MAX_NAMED])
    running = [names[node_id] for node_id, state in states.items() if state in LIVE]
    return ", ".join(running[:_MAX_NAMED])
