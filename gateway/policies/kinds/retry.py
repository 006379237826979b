"""Calls tried again when the upstream fails."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.policies.kinds.policy import Config, Kind

Reason = Literal["connect", "broken", "timeout"]
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
"""RFC 9110 §9.2.2."""


class Retry(Config):
    """Only while nothing of an answer reached the client, and only when the request's body is at hand as a whole."""

    attempts: Annotated[int, Field(ge=2, le=10, description="Sent so often at most, the first time included")] = 2
    on: Annotated[
        tuple[Reason, ...],
        Field(
            max_length=3,
            description="No connection; a connection that broke before an answer; no answer in time",
        ),
    ] = ("connect", "broken")
    statuses: Annotated[
        tuple[Annotated[int, Field(ge=400, le=599)], ...], Field(max_length=20, description="Answers that are failures")
    ] = (502, 503, 504)
    with_idempotency_key: Annotated[
        bool, Field(description="Repeat POST and PATCH too when they carry an Idempotency-Key")
    ] = False
    pause: Annotated[
        float, Field(ge=0, le=10, description="Seconds before the second try, twice that before the third…")
    ] = 0.05

    def repeats(self, method: str, *, has_key: bool) -> bool:
        """Whether a request may be sent again at all. One that never reached the upstream always may."""
        return method in IDEMPOTENT or (has_key and self.with_idempotency_key)

    def pause_before(self, attempt: int) -> float:
        """Seconds to wait before the n-th attempt (2, 3, …), 10 at most."""
        return float(min(self.pause * 2 ** (attempt - 2), 10.0))


KIND = Kind("retry", "Calls tried again when the upstream fails.", Retry)
