"""Nodes that wait for a lock before they begin. Whose turn it is is told from outside: other tasks hold it too."""

from typing import Any

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import as_text, interpolate
from orchestrator.engine.effects import WaitingChanged
from orchestrator.engine.events import LockGranted
from orchestrator.engine.failures import fail_at_once
from orchestrator.engine.kinds.node import node_of_kind
from orchestrator.engine.model import Run, Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.work import Work
from orchestrator.flow.model import StepNode

MAX_KEY = 200
"""Characters of a key."""
_GRANTED = "granted"


def must_wait(work: Work, token: Token) -> bool:
    """Whether the token's node has yet to be given its lock; the items of a loop have the loop's."""
    if token.node not in work.graph.locked:
        return False
    run = work.runs.get(token.node)
    return run is None or not is_granted(run)


def is_granted(run: Run) -> bool:
    """Whether the run was given its lock and has not begun yet."""
    return run.state is NodeState.WAITING_LOCK and bool((run.storage or {}).get(_GRANTED))


def wait(work: Work, token: Token) -> None:
    """Lines up; a key that cannot be resolved fails the node."""
    node = node_of_kind(work, token.node, StepNode)
    lock = node.lock
    if lock is None:
        return
    try:
        key = as_text(interpolate(lock.key, work.values_at(token.node)))
    except ExpressionError as error:
        fail_at_once(work, node, token, str(error))
        return
    if not 0 < len(key) <= MAX_KEY:
        fail_at_once(work, node, token, f"the key of its lock has {len(key)} characters: from 1 to {MAX_KEY}")
        return
    run = work.begin(token, NodeState.WAITING_LOCK, inputs=token.inputs)
    storage: dict[str, Any] = {"limit": lock.limit}
    work.put(run._replace(lock=key, storage=storage), record=False)
    work.effects.append(WaitingChanged(run.node))


def on_granted(work: Work, event: LockGranted) -> None:
    """The node begins; where its task is suspended it does so later, and holds the lock meanwhile."""
    run = work.live_run(event.run)
    if run is None or run.state is not NodeState.WAITING_LOCK or is_granted(run):
        work.settle(event.message, "the node no longer waits for its lock")
        return
    work.settle(event.message)
    work.put(run._replace(storage={**(run.storage or {}), _GRANTED: True}), record=False)
    work.tokens.append(Token(run.node, run.fork, run.inputs))
