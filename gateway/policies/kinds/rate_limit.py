"""So many calls in a second, a minute, an hour or a day. BlueKing: `bk-rate-limit`."""

from collections.abc import Collection
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.policies.kinds.fields import APP_CODE, Among
from gateway.policies.kinds.policy import Config, Kind, Level

DEFAULT = "__default"
"""Stands for every app that isn't named."""

Count = Annotated[int, Field(ge=1, le=10**12)]
OnFailure = Annotated[
    Literal["admit", "refuse"], Field(description="What to do with a call while the shared counters can't be reached")
]
Counted = Annotated[
    Literal["app", "user", "address"],
    Field(description="Who is counted: each app, each user of an app, or each client address"),
]


class Rate(Config):
    """`tokens` calls in each `period` (seconds), counted from the full second, minute, hour or day in UTC."""

    period: Annotated[int, Among(1, 60, 3600, 86400)]
    tokens: Count


Rates = Annotated[tuple[Rate, ...], Field(min_length=1, max_length=4)]


class RateLimit(Config):
    """A call is admitted when all limits that count it have room, and only then it is counted."""

    rates: Annotated[
        dict[str, Rates],
        Field(default_factory=dict, max_length=1000, description="By app; `__default` for every app that isn't named"),
    ]
    total: Annotated[
        tuple[Rate, ...], Field(max_length=4, description="For all callers together, in addition to `rates`")
    ] = ()
    per: Counted = "app"
    on_failure: OnFailure = "admit"

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_callers(self.rates, "rates", total=bool(self.total))
        for rates in (self.total, *self.rates.values()):
            if len({rate.period for rate in rates}) < len(rates):
                raise ValueError("a period is given twice; keep one limit a period")
        return self

    def misplaced(self, level: Level) -> str | None:
        return misplaced_callers(level, self.rates, total=bool(self.total))


def check_callers(by_app: Collection[str], name: str, *, total: bool) -> None:
    """Raises ValueError when nothing is limited, or an app is named that can't be one."""
    if not by_app and not total:
        raise ValueError(f"limits nothing; give {name} or total")
    for app in by_app:
        if app != DEFAULT and not APP_CODE.fullmatch(app):
            raise ValueError(f"{app[:40]!r} is no app code and not {DEFAULT}")


def misplaced_callers(level: Level, by_app: Collection[str], *, total: bool) -> str | None:
    """What is wrong with limits of these apps at `level`."""
    if level is Level.APP and (total or set(by_app) != {DEFAULT}):
        return f"at an app only {DEFAULT} has a meaning; leave out named apps and total"
    return None


KIND = Kind(
    "rate-limit",
    "So many calls in a second, a minute, an hour or a day.",
    RateLimit,
    frozenset(Level),
    is_cumulative=True,
)
