"""What is to be done next for a child task and the node that waits for it. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from orchestrator.engine.states import ENDED, LIVE, NodeState, TaskState

REPAIRED: Final = "REPAIRED"
_TOLD: Final = ENDED | {TaskState.FAILED}
_ON_ITS_WAY: Final = frozenset({TaskState.RUNNING, TaskState.FINISHED})


class Step(StrEnum):
    """TELL: the parent, what became of the child. REPAIR: have the parent's node, which failed with the child, wait for
    it again. REVOKE, PAUSE, RESUME: the child, as its parent was. SETTLE: nothing more is to come.
    """

    TELL = "tell"
    REPAIR = "repair"
    REVOKE = "revoke"
    PAUSE = "pause"
    RESUME = "resume"
    SETTLE = "settle"


@dataclass(frozen=True, slots=True)
class Standing:
    """A child beside its parent.

    Attributes:
        run: the state of the attempt that waits.
        told, passed: see `ChildTask`.
    """

    child: TaskState
    parent: TaskState
    run: NodeState
    told: str
    passed: str


def step_of(standing: Standing) -> Step | None:
    """None while both go on."""
    child, parent, told = standing.child, standing.parent, standing.told
    if parent not in ENDED and _has_failed_with(standing) and child in _ON_ITS_WAY:
        return Step.REPAIR if told == TaskState.FAILED else None
    if child in _TOLD and told != child:
        return Step.TELL
    if child in ENDED or (child is TaskState.FAILED and parent in ENDED):
        return Step.SETTLE
    return _passed_on(standing)


def _passed_on(standing: Standing) -> Step | None:
    """What is done to a child that has not ended, because of its parent."""
    child, passed = standing.child, standing.passed
    if passed != TaskState.REVOKED and _is_abandoned(standing):
        return Step.REVOKE
    was_paused = passed == TaskState.SUSPENDED
    if standing.parent is TaskState.SUSPENDED:
        return Step.PAUSE if child is TaskState.RUNNING and not was_paused else None
    return Step.RESUME if child is TaskState.SUSPENDED and was_paused else None


def _has_failed_with(standing: Standing) -> bool:
    """Whether the attempt failed because the child had, and no other has followed it."""
    return standing.run is NodeState.FAILED and standing.told in {TaskState.FAILED, REPAIRED}


def _is_abandoned(standing: Standing) -> bool:
    """Whether nobody waits for it: its parent was revoked, or its node made to fail, timed out or passed over."""
    return standing.parent is TaskState.REVOKED or (standing.run not in LIVE and not standing.told)
