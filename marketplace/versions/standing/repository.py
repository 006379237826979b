from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.ids import new_id
from marketplace.versions.models import PluginRow, PluginVersionRow, VersionStandingRow
from marketplace.versions.ranking import Candidate


class KnownVersion(NamedTuple):
    """Attributes:
    signers: the public keys whose signatures it bears.
    """

    version: str
    digest: str
    channel: str
    is_yanked: bool
    signers: frozenset[str]


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


async def known_versions(session: AsyncSession, code: str) -> list[KnownVersion]:
    """All versions of a plugin, in no order."""
    version, standing = PluginVersionRow, VersionStandingRow
    statement = (
        select(
            col(version.version),
            col(version.digest),
            col(standing.channel),
            col(standing.yanked_at).is_not(None),
            col(standing.signers),
        )
        .join(standing, col(standing.version_id) == col(version.id))
        .where(col(version.plugin_code) == code)
    )
    rows = (await session.execute(statement)).all()
    return [KnownVersion(*row[:4], frozenset(row[4])) for row in rows]


async def candidates_of(session: AsyncSession, code: str) -> list[Candidate]:
    """As `known_versions`, for choosing among them."""
    found = await known_versions(session, code)
    return [Candidate(known.version, known.channel, known.is_yanked) for known in found]


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


async def count_download(session: AsyncSession, version_id: str) -> None:
    row = VersionStandingRow
    statement = update(row).where(col(row.version_id) == version_id)
    await session.execute(statement.values(downloads=col(row.downloads) + 1))
