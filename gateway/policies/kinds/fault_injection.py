"""Errors and delays on purpose, to see how callers bear them. BlueKing: `fault-injection`."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.policies.kinds.fields import AnswerHeader, FinalStatus, HeaderValue, Percentage, Text
from gateway.policies.kinds.policy import Config, Kind


class Delay(Config):
    """Waits `seconds` before the call goes on."""

    seconds: Annotated[float, Field(gt=0, le=60)]
    percentage: Annotated[Percentage, Field(description="Of calls")] = 100.0


class Abort(Config):
    """Answers in place of the upstream."""

    status: FinalStatus
    body: Text = ""
    headers: Annotated[dict[AnswerHeader, HeaderValue], Field(default_factory=dict, max_length=50)]
    percentage: Annotated[Percentage, Field(description="Of calls")] = 100.0


class FaultInjection(Config):
    """Comes after authorisation and limits. A call may be both delayed and aborted."""

    delay: Delay | None = None
    abort: Abort | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.delay is None and self.abort is None:
            raise ValueError("injects nothing; give delay or abort")
        return self


KIND = Kind("fault-injection", "Errors and delays on purpose.", FaultInjection)
