"""What the caller is told when the upstream fails."""

from typing import TYPE_CHECKING

from gateway.wire.codes import BACKEND_TIMEOUT, BAD_ANSWER, BAD_GATEWAY, UNAVAILABLE, Code
from gateway.wire.refusal import Refusal
from kernel.transport.errors import (
    ConnectError,
    ConnectTimeout,
    PoolFull,
    ReadTimeout,
    TotalTimeout,
    TransportError,
)

if TYPE_CHECKING:
    from gateway.dataplane.plan import RoutePlan


FAILURES = frozenset({BACKEND_TIMEOUT, BAD_GATEWAY, BAD_ANSWER})
"""What a refusal says that is the upstream's fault."""


def kind_of(problem: TransportError) -> str:
    """``connect`` (nothing was sent), ``broken``, ``timeout``, or ``full``, which is nobody's fault but ours."""
    if isinstance(problem, PoolFull):
        return "full"
    if isinstance(problem, ConnectError):
        return "connect"
    return "timeout" if isinstance(problem, ReadTimeout | TotalTimeout) else "broken"


def failure(problem: TransportError, plan: "RoutePlan") -> Refusal:
    """Which system and component failed and how, never an inner address."""
    return Refusal(_code(problem), f"system {plan.key[0]}, component {plan.key[2]}: {_WORDS[_kind(problem)]}")


_WORDS = {
    "timeout": "no answer in time",
    "full": "too many calls are under way",
    "connect": "the backend cannot be reached",
    "answer": "the backend ended the connection or sent what is not an HTTP answer",
}


def _kind(problem: TransportError) -> str:
    if isinstance(problem, ConnectTimeout | ReadTimeout | TotalTimeout):
        return "timeout"
    if isinstance(problem, PoolFull):
        return "full"
    return "connect" if isinstance(problem, ConnectError) else "answer"


def _code(problem: TransportError) -> Code:
    return {"timeout": BACKEND_TIMEOUT, "full": UNAVAILABLE, "connect": BAD_GATEWAY, "answer": BAD_ANSWER}[
        _kind(problem)
    ]
