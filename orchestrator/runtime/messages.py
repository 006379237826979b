"""Stored messages ↔ what the machine takes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from orchestrator.engine.events import (
    CallbackReceived,
    ChangeInputsRequested,
    ChooseRequested,
    DecideRequested,
    Event,
    ForceFailRequested,
    LockGranted,
    Operation,
    PauseNodeRequested,
    PauseRequested,
    ResumeNodeRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SignalRequested,
    SkipRequested,
)
from orchestrator.runtime.store import Message

_EVENTS: Final[dict[str, Callable[[Message, float], Event]]] = {
    "pause": lambda message, now: PauseRequested(now, message.actor, message.id),
    "resume": lambda message, now: ResumeRequested(now, message.actor, message.id),
    "revoke": lambda message, now: RevokeRequested(now, message.actor, message.id),
    "change_inputs": lambda message, now: ChangeInputsRequested(
        now, _part(message, "inputs") or {}, message.actor, message.id
    ),
    "retry": lambda message, now: RetryRequested(
        now, _node(message), _part(message, "inputs"), message.actor, message.id
    ),
    "skip": lambda message, now: SkipRequested(now, _node(message), message.actor, message.id),
    "force_fail": lambda message, now: ForceFailRequested(now, _node(message), message.actor, message.id),
    "choose": lambda message, now: ChooseRequested(
        now, _node(message), tuple(_part(message, "edges") or ()), message.actor, message.id
    ),
    "pause_node": lambda message, now: PauseNodeRequested(now, _node(message), message.actor, message.id),
    "resume_node": lambda message, now: ResumeNodeRequested(now, _node(message), message.actor, message.id),
    "signal": lambda message, now: SignalRequested(
        now, _node(message), _part(message, "data"), message.actor, message.id
    ),
    "decide": lambda message, now: DecideRequested(
        now,
        _node(message),
        bool(_part(message, "approved")),
        str(_part(message, "comment") or ""),
        _part(message, "data") or {},
        message.actor,
        message.id,
        tuple(_part(message, "in_place_of") or ()),
    ),
    "event": lambda message, now: CallbackReceived(now, message.id, message.run_id or "", _part(message, "data")),
    "lock": lambda message, now: LockGranted(now, message.id, message.run_id or ""),
    "callback": lambda message, now: CallbackReceived(now, message.id, message.run_id or "", _part(message, "data")),
}


def message_event(message: Message, now: float) -> Event | None:
    """A stored message as the machine takes it; none for a kind this version doesn't know."""
    make = _EVENTS.get(message.kind)
    return None if make is None else make(message, now)


def operation_data(operation: Operation) -> dict[str, Any] | None:
    """What of an operation its message keeps beside the node and the person."""
    match operation:
        case RetryRequested(inputs=Mapping() as inputs) | ChangeInputsRequested(inputs=inputs):
            return {"inputs": dict(inputs)}
        case ChooseRequested():
            return {"edges": list(operation.edges)}
        case SignalRequested():
            return {"data": operation.data}
        case DecideRequested():
            return {
                "approved": operation.approved,
                "comment": operation.comment,
                "data": dict(operation.data),
                "in_place_of": list(operation.in_place_of),
            }
        case _:
            return None


def _node(message: Message) -> str:
    return message.node_id or ""


def _part(message: Message, name: str) -> Any:
    return message.data.get(name) if isinstance(message.data, dict) else None
