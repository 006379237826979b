from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a client. Seconds and bytes.

    ``idle`` is shorter than the keep-alive of common servers (uvicorn and Node close after 5 s, nginx after 75 s),
    so that we close an unused connection before they do; who tells that it keeps them for less is believed.
    ``resolved_for`` is how long connections live on what the resolver said, before it is asked again.
    """

    idle: float = 4.0
    connections_per_origin: int = 1024
    idle_per_origin: int = 128
    response_head: int = 64 * 1024
    response_buffer: int = 128 * 1024
    resolved_for: float = 10.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. ``read`` is the longest silence, ``total`` the whole exchange with its body; None means no bound."""

    connect: float = 5.0
    read: float | None = 30.0
    total: float | None = None


DEFAULT_LIMITS = Limits()
DEFAULT_TIMEOUTS = Timeouts()
