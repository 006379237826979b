"""So many calls in a calendar day, week or month."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.policies.kinds.policy import Config, Kind, Level
from gateway.policies.kinds.rate_limit import Count, Counted, OnFailure, check_callers, misplaced_callers


class Allowance(Config):
    """`calls` in each `period`, which begins at 00:00 UTC: of the day, of Monday, of the first of the month."""

    period: Literal["day", "week", "month"]
    calls: Count


Allowances = Annotated[tuple[Allowance, ...], Field(min_length=1, max_length=3)]


class Quota(Config):
    """Like a rate limit, over periods people agree on."""

    allowances: Annotated[
        dict[str, Allowances],
        Field(default_factory=dict, max_length=1000, description="By app; `__default` for every app that isn't named"),
    ]
    total: Annotated[
        tuple[Allowance, ...], Field(max_length=3, description="For all callers together, in addition to `allowances`")
    ] = ()
    per: Counted = "app"
    on_failure: OnFailure = "admit"

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_callers(self.allowances, "allowances", total=bool(self.total))
        for allowances in (self.total, *self.allowances.values()):
            if len({each.period for each in allowances}) < len(allowances):
                raise ValueError("a period is given twice; keep one allowance a period")
        return self

    def misplaced(self, level: Level) -> str | None:
        return misplaced_callers(level, self.allowances, total=bool(self.total))


KIND = Kind("quota", "So many calls in a calendar day, week or month.", Quota, frozenset(Level), is_cumulative=True)
