from collections.abc import Iterable

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.ids import new_id
from marketplace.versions.models import PluginRow, PluginVersionRow, VersionStandingRow


async def standing_of(session: AsyncSession, version_id: str) -> VersionStandingRow:
    statement = select(VersionStandingRow).where(col(VersionStandingRow.version_id) == version_id)
    return (await session.execute(statement)).scalar_one()


async def standings_of(session: AsyncSession, codes: Iterable[str]) -> dict[str, list[tuple[str, VersionStandingRow]]]:
    """Each version's number with its standing, by plugin, in no order."""
    statement = (
        select(col(PluginVersionRow.version), VersionStandingRow)
        .join(VersionStandingRow, col(VersionStandingRow.version_id) == col(PluginVersionRow.id))
        .where(col(VersionStandingRow.plugin_code).in_(list(codes)))
    )
    found: dict[str, list[tuple[str, VersionStandingRow]]] = {code: [] for code in codes}
    for number, standing in (await session.execute(statement)).all():
        found[standing.plugin_code].append((number, standing))
    return found


async def note_change(session: AsyncSession, code: str) -> None:
    """Something was said of the plugin as a whole: who follows its versions reads one of them again."""
    row = VersionStandingRow
    newest = select(col(row.version_id)).where(col(row.plugin_code) == code).order_by(col(row.change).desc()).limit(1)
    statement = update(row).where(col(row.version_id).in_(newest)).values(change=new_id())
    await session.execute(statement.execution_options(synchronize_session=False))


async def lock_plugin(session: AsyncSession, code: str) -> PluginRow | None:
    """The plugin, held until the transaction ends: one at a time decides from all of its versions."""
    statement = select(PluginRow).where(col(PluginRow.code) == code).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def downloads_of(session: AsyncSession, codes: Iterable[str]) -> dict[str, int]:
    """Of all versions together, by plugin."""
    code = col(VersionStandingRow.plugin_code)
    statement = select(code, func.sum(VersionStandingRow.downloads)).where(code.in_(list(codes))).group_by(code)
    return {row[0]: int(row[1]) for row in (await session.execute(statement)).all()}


async def count_download(session: AsyncSession, version_id: str) -> None:
    row = VersionStandingRow
    statement = update(row).where(col(row.version_id) == version_id)
    await session.execute(statement.values(downloads=col(row.downloads) + 1))
