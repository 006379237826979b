"""So many calls at a time."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.policies.kinds.policy import Config, Kind, Level

Calls = Annotated[int, Field(ge=1, le=1_000_000)]


class ConcurrencyLimit(Config):
    """A call counts from its admission to the end of its answer."""

    total: Annotated[Calls | None, Field(description="Of all callers together")] = None
    per_app: Annotated[Calls | None, Field(description="Of each app")] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.total is None and self.per_app is None:
            raise ValueError("limits nothing; give total or per_app")
        return self

    def misplaced(self, level: Level) -> str | None:
        if level is Level.APP and (self.per_app is None or self.total is not None):
            return "at an app only per_app has a meaning; leave out total"
        return None


KIND = Kind("concurrency-limit", "So many calls at a time.", ConcurrencyLimit, frozenset(Level), is_cumulative=True)
