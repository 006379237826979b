"""A node that waits for a moment."""

from datetime import UTC, datetime
from typing import Any

from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import interpolate
from orchestrator.engine.effects import SetTimer
from orchestrator.engine.failures import fail_at_once
from orchestrator.engine.kinds.node import node_of_kind
from orchestrator.engine.model import Token
from orchestrator.engine.states import NodeState
from orchestrator.engine.steps import limit
from orchestrator.engine.work import Work
from orchestrator.flow.model import TimerNode

MAX_SECONDS = 366 * 86_400.0


class NoMoment(Exception):
    """What a timer was given tells no moment; the text says why."""


def enter(work: Work, token: Token) -> None:
    """Works out the moment; a timer without one fails."""
    node = node_of_kind(work, token.node, TimerNode)
    try:
        due = moment(interpolate({"seconds": node.seconds, "until": node.until}, work.values_at(token.node)), work.now)
    except (ExpressionError, NoMoment) as error:
        fail_at_once(work, node, token, str(error))
        return
    inputs = {"until": datetime.fromtimestamp(due, UTC).isoformat().replace("+00:00", "Z")}
    run = work.begin(token, NodeState.WAITING_TIMER, inputs=inputs)
    run = run._replace(due=due)
    work.put(run, record=False)
    work.effects.append(SetTimer(run.node, run.id, due))
    limit(work, node, run)


def moment(given: dict[str, Any], now: float) -> float:
    """Seconds since the epoch.

    Raises:
        NoMoment: neither ``seconds`` nor ``until`` can be read, or it lies too far ahead.
    """
    if given["seconds"] is not None:
        return now + _seconds(given["seconds"])
    until = given["until"]
    try:
        at = datetime.fromisoformat(until)
    except (TypeError, ValueError):
        raise NoMoment(f"until is {until!r}: a date and time as in 2030-01-31T09:00:00+08:00 is needed") from None
    if at.tzinfo is None:
        raise NoMoment(f"until is {until!r}, without a time zone")
    if at.timestamp() > now + MAX_SECONDS:
        raise NoMoment(f"until is {until!r}, more than a year ahead")
    return at.timestamp()


def _seconds(given: Any) -> float:
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        raise NoMoment(f"seconds is {given!r}: a number is needed") from None
    if not 0 <= seconds <= MAX_SECONDS:
        raise NoMoment(f"seconds is {seconds:g}: from 0 to {MAX_SECONDS:g}")
    return seconds
