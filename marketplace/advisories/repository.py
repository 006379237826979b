from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.db.pages import PageOf, PageRequest, read_page
from marketplace.advisories.models import AdvisoryRow
from marketplace.package.ranges import read_range


async def find_advisory(session: AsyncSession, advisory_id: str) -> AdvisoryRow | None:
    statement = select(AdvisoryRow).where(col(AdvisoryRow.id) == advisory_id).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def find_by_origin(session: AsyncSession, origin: str) -> AdvisoryRow | None:
    statement = select(AdvisoryRow).where(col(AdvisoryRow.origin) == origin).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def page_of_advisories(session: AsyncSession, plugin: str | None, page: PageRequest) -> PageOf[AdvisoryRow]:
    """Withdrawn ones too, the newest first."""
    statement = select(AdvisoryRow)
    if plugin is not None:
        statement = statement.where(col(AdvisoryRow.plugin_code) == plugin)
    return await read_page(session, statement, col(AdvisoryRow.id), page, newest_first=True)


async def standing_advisories(session: AsyncSession, codes: Iterable[str]) -> dict[str, list[AdvisoryRow]]:
    """Those not withdrawn, the newest first, by plugin."""
    wanted = list(codes)
    found: dict[str, list[AdvisoryRow]] = {code: [] for code in wanted}
    if wanted:
        statement = select(AdvisoryRow).where(
            col(AdvisoryRow.plugin_code).in_(wanted), col(AdvisoryRow.withdrawn_at).is_(None)
        )
        for row in (await session.execute(statement.order_by(col(AdvisoryRow.id).desc()))).scalars():
            found[row.plugin_code].append(row)
    return found


def affecting(advisories: Iterable[AdvisoryRow], version: str) -> list[AdvisoryRow]:
    """Those that hold for a version."""
    return [advisory for advisory in advisories if read_range(advisory.affected).admits(version)]
