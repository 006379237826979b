"""An upstream that fails is left alone for a while. BlueKing: `api-breaker`."""

from typing import Annotated

from pydantic import Field

from gateway.policies.kinds.policy import Config, Kind


class CircuitBreaker(Config):
    """Open, calls are refused with 503 and `Retry-After`; then some are let through to try.

    An answer with one of `statuses`, a connection that fails and an answer that doesn't come in time are failures.
    """

    failures: Annotated[int, Field(ge=1, le=10_000, description="That many failures within `window` open it")] = 5
    window: Annotated[float, Field(ge=1, le=3600, description="Seconds")] = 30.0
    ratio: Annotated[
        float,
        Field(ge=0, le=1, description="Besides, that share of the calls within `window` must have failed"),
    ] = 0.5
    statuses: Annotated[
        tuple[Annotated[int, Field(ge=400, le=599)], ...], Field(max_length=50, description="Answers that are failures")
    ] = (500, 502, 503, 504)
    open_seconds: Annotated[
        float, Field(ge=0.1, le=3600, description="Seconds it stays open, doubled each time the trial fails")
    ] = 2.0
    max_open_seconds: Annotated[float, Field(ge=1, le=3600, description="Seconds it stays open at most")] = 60.0
    trial_calls: Annotated[
        int, Field(ge=1, le=100, description="Calls let through at a time to try; as many successes close it")
    ] = 1


KIND = Kind("circuit-breaker", "An upstream that fails is left alone for a while.", CircuitBreaker)
