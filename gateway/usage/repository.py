import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.dataplane.usage import UsageCount
from gateway.usage.models import CallDay

_PLACE = ("day", "system", "stage", "release", "component", "app_code")


@dataclass(frozen=True, slots=True)
class Use:
    """Calls of a component by an app, on all stages and of all releases.

    Attributes:
        last_day: on which the app called it last.
    """

    component: str
    app_code: str
    calls: int
    errors: int
    last_day: dt.date


@dataclass(frozen=True, slots=True)
class ReleaseUse:
    release: str
    calls: int
    errors: int


async def add_counts(session: AsyncSession, day: dt.date, counts: Sequence[UsageCount]) -> None:
    """Adds to what the day has already; no two of the counts are of the same place. Rows are written in one order, so
    that no two processes wait for each other.
    """
    rows = sorted(({"day": day, **asdict(count)} for count in counts), key=lambda row: [row[name] for name in _PLACE])
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(CallDay).values(rows)
    added = {name: col(getattr(CallDay, name)) + statement.excluded[name] for name in ("calls", "errors")}
    await session.execute(statement.on_conflict_do_update(index_elements=_PLACE, set_=added))


async def uses_of(
    session: AsyncSession, system: str, since: dt.date, components: Collection[str] | None = None, limit: int = 1000
) -> list[Use]:
    """Since a day, the most called first; of all components (`None`) or of those named."""
    calls = func.sum(col(CallDay.calls))
    statement = (
        select(
            col(CallDay.component),
            col(CallDay.app_code),
            calls,
            func.sum(col(CallDay.errors)),
            func.max(col(CallDay.day)),
        )
        .where(col(CallDay.system) == system, col(CallDay.day) >= since)
        .group_by(col(CallDay.component), col(CallDay.app_code))
        .order_by(calls.desc(), col(CallDay.component), col(CallDay.app_code))
        .limit(limit)
    )
    if components is not None:
        statement = statement.where(col(CallDay.component).in_(components))
    return [_use(*row) for row in await session.execute(statement)]


async def callers_of(
    session: AsyncSession, system: str, since: dt.date, components: Collection[str], most: int
) -> list[Use]:
    """Who called each of these components since a day: of each the `most` that called it most."""
    calls = func.sum(col(CallDay.calls))
    place = func.row_number().over(
        partition_by=col(CallDay.component), order_by=(calls.desc(), col(CallDay.app_code).asc())
    )
    ranked = (
        select(
            col(CallDay.component),
            col(CallDay.app_code),
            calls.label("calls"),
            func.sum(col(CallDay.errors)).label("errors"),
            func.max(col(CallDay.day)).label("last_day"),
            place.label("place"),
        )
        .where(col(CallDay.system) == system, col(CallDay.day) >= since, col(CallDay.component).in_(components))
        .group_by(col(CallDay.component), col(CallDay.app_code))
        .subquery()
    )
    columns = ranked.c
    rows = await session.execute(
        select(columns.component, columns.app_code, columns.calls, columns.errors, columns.last_day)
        .where(columns.place <= most)
        .order_by(columns.component, columns.place)
    )
    return [_use(*row) for row in rows]


async def uses_by_release(session: AsyncSession, system: str, stage: str, since: dt.date) -> list[ReleaseUse]:
    """What each release answered on a stage since a day."""
    rows = await session.execute(
        select(col(CallDay.release), func.sum(col(CallDay.calls)), func.sum(col(CallDay.errors)))
        .where(col(CallDay.system) == system, col(CallDay.stage) == stage, col(CallDay.day) >= since)
        .group_by(col(CallDay.release))
        .order_by(col(CallDay.release))
    )
    return [ReleaseUse(release, int(calls), int(errors)) for release, calls, errors in rows]


def _use(component: str, app_code: str, calls: Any, errors: Any, last_day: dt.date) -> Use:
    return Use(component, app_code, int(calls), int(errors), last_day)


async def forget_before(session: AsyncSession, day: dt.date) -> None:
    await session.execute(delete(CallDay).where(col(CallDay.day) < day))
