from collections.abc import Iterable

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.db.pages import PageOf, PageRequest, read_page
from marketplace.installs.models import InstallRow
from marketplace.versions.models import PluginVersionRow


async def find_install(session: AsyncSession, project_id: str, plugin: str, version: str) -> InstallRow | None:
    statement = select(InstallRow).where(
        col(InstallRow.project_id) == project_id,
        col(InstallRow.plugin) == plugin,
        col(InstallRow.version) == version,
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_installs_of(session: AsyncSession, project_id: str, plugin: str) -> list[InstallRow]:
    """All versions of one plugin in a project."""
    statement = select(InstallRow).where(col(InstallRow.project_id) == project_id, col(InstallRow.plugin) == plugin)
    return list((await session.execute(statement.order_by(col(InstallRow.id)))).scalars())


async def page_of_installs(session: AsyncSession, project_id: str, page: PageRequest) -> PageOf[InstallRow]:
    statement = select(InstallRow).where(col(InstallRow.project_id) == project_id)
    return await read_page(session, statement, col(InstallRow.id), page)


async def find_with_versions(session: AsyncSession, project_id: str) -> list[tuple[InstallRow, PluginVersionRow]]:
    """Everything installed in a project, in the order of installing."""
    statement = _joined().where(col(InstallRow.project_id) == project_id).order_by(col(InstallRow.id))
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def find_one_with_version(
    session: AsyncSession, project_id: str, plugin: str, version: str
) -> tuple[InstallRow, PluginVersionRow] | None:
    statement = _joined().where(
        col(InstallRow.project_id) == project_id,
        col(InstallRow.plugin) == plugin,
        col(InstallRow.version) == version,
    )
    row = (await session.execute(statement)).one_or_none()
    return (row[0], row[1]) if row is not None else None


async def count_installs(session: AsyncSession, codes: Iterable[str]) -> dict[str, int]:
    """Projects that installed a plugin, in any version."""
    statement = (
        select(col(InstallRow.plugin), func.count(func.distinct(InstallRow.project_id)))
        .where(col(InstallRow.plugin).in_(list(codes)))
        .group_by(col(InstallRow.plugin))
    )
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


def _joined() -> Select[InstallRow, PluginVersionRow]:
    return select(InstallRow, PluginVersionRow).where(
        col(PluginVersionRow.plugin_code) == col(InstallRow.plugin),
        col(PluginVersionRow.version) == col(InstallRow.version),
    )
