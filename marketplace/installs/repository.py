from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, Subquery, bindparam, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.db.pages import PageOf, PageRequest, read_page
from marketplace.flows.models import FlowTakeRow
from marketplace.installs.models import InstallRow, UpgradeRow
from marketplace.versions.models import PluginVersionRow, VersionStandingRow

MAX_UPGRADES: Final = 100
_INSTALLS_IN: Final = (
    select(InstallRow).where(col(InstallRow.project_id) == bindparam("project_id")).order_by(col(InstallRow.id))
)


class InstalledRows(NamedTuple):
    """Attributes:
    signers: public keys of the version's signatures.
    """

    install: InstallRow
    version: PluginVersionRow
    signers: list[str]


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


async def find_with_versions(session: AsyncSession, project_id: str) -> list[InstalledRows]:
    """Everything installed in a project, in the order of installing."""
    statement = _joined().where(col(InstallRow.project_id) == project_id).order_by(col(InstallRow.id))
    return [InstalledRows(*row) for row in (await session.execute(statement)).all()]


async def find_one_with_version(
    session: AsyncSession, project_id: str, plugin: str, version: str
) -> InstalledRows | None:
    statement = _joined().where(
        col(InstallRow.project_id) == project_id,
        col(InstallRow.plugin) == plugin,
        col(InstallRow.version) == version,
    )
    row = (await session.execute(statement)).one_or_none()
    return InstalledRows(*row) if row is not None else None


async def find_installs_in(session: AsyncSession, project_id: str) -> list[InstallRow]:
    """All of a project, in the order of installing."""
    return list((await session.execute(_INSTALLS_IN, {"project_id": project_id})).scalars())


async def find_projects_with_installs(session: AsyncSession) -> list[str]:
    statement = select(col(InstallRow.project_id)).distinct().order_by(col(InstallRow.project_id))
    return list((await session.execute(statement)).scalars())


async def find_upgrades(session: AsyncSession, project_id: str, plugin: str) -> list[UpgradeRow]:
    """The newest first, at most `MAX_UPGRADES`."""
    return list((await session.execute(_upgrades(project_id, plugin).limit(MAX_UPGRADES))).scalars())


async def find_last_upgrade(session: AsyncSession, project_id: str, plugin: str) -> UpgradeRow | None:
    """The newest that was not undone; held until the transaction ends, so that it is undone once."""
    statement = _upgrades(project_id, plugin).where(col(UpgradeRow.undone_at).is_(None)).limit(1).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


def projects_having(codes: Collection[str] | None = None) -> Subquery:
    """`code` and `number` of projects that installed a plugin, or took a flow, in any version.

    Args:
        codes: of these alone; of all when left out.
    """
    installed: Select[Any, Any] = select(col(InstallRow.plugin).label("code"), col(InstallRow.project_id))
    taken: Select[Any, Any] = select(col(FlowTakeRow.code), col(FlowTakeRow.project_id))
    if codes is not None:
        installed = installed.where(col(InstallRow.plugin).in_(codes))
        taken = taken.where(col(FlowTakeRow.code).in_(codes))
    each = union(installed, taken).subquery()
    return select(each.c.code, func.count().label("number")).group_by(each.c.code).subquery()


async def count_installs(session: AsyncSession, codes: Iterable[str]) -> dict[str, int]:
    """Projects that installed a plugin, or took a flow, in any version."""
    counted = projects_having(list(codes))
    return {row[0]: row[1] for row in (await session.execute(select(counted.c.code, counted.c.number))).all()}


def _upgrades(project_id: str, plugin: str) -> Select[UpgradeRow]:
    statement = select(UpgradeRow).where(col(UpgradeRow.project_id) == project_id, col(UpgradeRow.plugin) == plugin)
    return statement.order_by(col(UpgradeRow.id).desc())


def _joined() -> Select[InstallRow, PluginVersionRow, list[str]]:
    return select(InstallRow, PluginVersionRow, col(VersionStandingRow.signers)).where(
        col(PluginVersionRow.plugin_code) == col(InstallRow.plugin),
        col(PluginVersionRow.version) == col(InstallRow.version),
        col(VersionStandingRow.version_id) == col(PluginVersionRow.id),
    )
