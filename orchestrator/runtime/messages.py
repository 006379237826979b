from collections.abc import Callable
from typing import Any, Final

from orchestrator.engine.events import (
    CallbackReceived,
    Event,
    PauseRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SkipRequested,
)
from orchestrator.runtime.store import Message

_EVENTS: Final[dict[str, Callable[[Message, float], Event]]] = {
    "pause": lambda message, now: PauseRequested(now, message.actor, message.id),
    "resume": lambda message, now: ResumeRequested(now, message.actor, message.id),
    "revoke": lambda message, now: RevokeRequested(now, message.actor, message.id),
    "retry": lambda message, now: RetryRequested(
        now, message.node_id or "", _part(message, "inputs"), message.actor, message.id
    ),
    "skip": lambda message, now: SkipRequested(now, message.node_id or "", message.actor, message.id),
    "callback": lambda message, now: CallbackReceived(now, message.id, message.run_id or "", _part(message, "data")),
}


def message_event(message: Message, now: float) -> Event | None:
    """A stored message as the machine takes it; none for a kind this version doesn't know."""
    make = _EVENTS.get(message.kind)
    return None if make is None else make(message, now)


def _part(message: Message, name: str) -> Any:
    return message.data.get(name) if isinstance(message.data, dict) else None
