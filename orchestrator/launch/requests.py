"""What is asked for when a flow is launched. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.flow.model import Kept
from orchestrator.tasks.origins import BY_HAND, Origin


@dataclass(frozen=True, slots=True)
class Continuation:
    """What a task goes on from.

    Attributes:
        task_id: the earlier task.
        node: where to begin.
        earlier: path of a node → what it came to in the earlier task.
        entered: path of each subflow the node lies in → the inputs that the flow inside had there.
        variables: of the project, with the values that the earlier task had.
    """

    task_id: str
    node: str
    earlier: Mapping[str, Kept]
    entered: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LaunchRequest:
    """Attributes:
    revision: none for the latest.
    key: the caller's idempotency key; the same key never starts a second task.
    leave_out: optional nodes the task does without.
    schemes: of the flow, by their ids; what they leave out together is left out besides.
    start: otherwise the task waits until somebody starts it.
    callback_url: where it is told what becomes of the task.
    continues: where it begins that does not do so at the flow's start.
    held_by: the task, schedule or trigger whose handles of secrets stand among the inputs.
    origin: what asks for it.
    project: id or code of the project that runs a common flow of another; none for the flow's own.
    """

    flow_id: str
    inputs: Mapping[str, Any]
    name: str | None = None
    revision: int | None = None
    key: str | None = None
    leave_out: tuple[str, ...] = ()
    start: bool = True
    callback_url: str = ""
    continues: Continuation | None = None
    held_by: str | None = None
    origin: Origin = BY_HAND
    schemes: tuple[str, ...] = ()
    project: str | None = None

    def asked(self, hidden: Collection[str]) -> dict[str, Any]:
        """What of it tells one launch from another, without the inputs `hidden`."""
        asked: dict[str, Any] = {
            "flow": self.flow_id,
            "inputs": {name: value for name, value in self.inputs.items() if name not in hidden},
            "name": self.name,
            "revision": self.revision,
        }
        if self.project is not None:
            asked["project"] = self.project
        if self.callback_url:
            asked["callback_url"] = self.callback_url
        if self.leave_out:
            asked["leave_out"] = sorted(self.leave_out)
        if self.schemes:
            asked["schemes"] = sorted(self.schemes)
        if not self.start:
            asked["start"] = False
        if self.continues is not None:
            asked |= {"continues": self.continues.task_id, "node": self.continues.node}
        return asked
