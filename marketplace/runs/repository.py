import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Float, Subquery, cast, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.runs.models import PluginRunDay

_PLACE = ("plugin", "version", "day")


@dataclass(frozen=True, slots=True)
class Runs:
    succeeded: int = 0
    failed: int = 0

    @property
    def rate(self) -> float | None:
        """The part that ended well, 0 to 1; none of no runs."""
        ended = self.succeeded + self.failed
        return self.succeeded / ended if ended else None


def together(runs: Iterable[Runs]) -> Runs:
    found = list(runs)
    return Runs(sum(each.succeeded for each in found), sum(each.failed for each in found))


async def add_runs(session: AsyncSession, day: dt.date, runs: Mapping[tuple[str, str], Runs]) -> None:
    """Adds to what the day has already, by plugin and version.

    Rows are written in one order, so that no two processes wait for each other.
    """
    rows = [
        {"plugin": plugin, "version": version, "day": day, "succeeded": each.succeeded, "failed": each.failed}
        for (plugin, version), each in sorted(runs.items())
    ]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(PluginRunDay).values(rows)
    added = {name: col(getattr(PluginRunDay, name)) + statement.excluded[name] for name in ("succeeded", "failed")}
    await session.execute(statement.on_conflict_do_update(index_elements=_PLACE, set_=added))


async def runs_of(session: AsyncSession, plugins: Iterable[str]) -> dict[str, dict[str, Runs]]:
    """Of all days that are kept, by plugin and version."""
    code, version = col(PluginRunDay.plugin), col(PluginRunDay.version)
    statement = (
        select(code, version, func.sum(PluginRunDay.succeeded), func.sum(PluginRunDay.failed))
        .where(code.in_(list(plugins)))
        .group_by(code, version)
    )
    found: dict[str, dict[str, Runs]] = {}
    for row in (await session.execute(statement)).all():
        found.setdefault(row[0], {})[row[1]] = Runs(int(row[2]), int(row[3]))
    return found


async def forget_runs_before(session: AsyncSession, day: dt.date) -> None:
    await session.execute(delete(PluginRunDay).where(col(PluginRunDay.day) < day))


def success_rates() -> Subquery:
    """`number` from 0 to 1 for each `code` that ran."""
    code, succeeded = col(PluginRunDay.plugin), func.sum(PluginRunDay.succeeded)
    rate = cast(succeeded, Float) / (succeeded + func.sum(PluginRunDay.failed))
    return select(code.label("code"), rate.label("number")).group_by(code).subquery()
