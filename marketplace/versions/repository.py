from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.versions.models import PluginArchiveRow, PluginRow, PluginVersionRow, VersionStandingRow


@dataclass(frozen=True, slots=True)
class VersionSummary:
    plugin_code: str
    version: str
    digest: str
    published_at: datetime
    published_by: str
    channel: str
    yank_message: str | None
    downloads: int

    @property
    def is_yanked(self) -> bool:
        return self.yank_message is not None


class DescribedVersion(NamedTuple):
    """What of a version its plugin is found by."""

    digest: str
    manifest: str
    readme: str


class KeptVersion(NamedTuple):
    """What of a version later ones are compared with; see `PluginVersionRow`."""

    digest: str
    manifest: str
    promises: str | None


async def find_plugin(session: AsyncSession, code: str) -> PluginRow | None:
    return (await session.execute(select(PluginRow).where(col(PluginRow.code) == code))).scalar_one_or_none()


async def deprecations_of(session: AsyncSession, codes: Iterable[str]) -> dict[str, dict[str, str | None]]:
    """Of those plugins that have an end."""
    statement = select(col(PluginRow.code), col(PluginRow.deprecation)).where(col(PluginRow.code).in_(list(codes)))
    return {code: said for code, said in (await session.execute(statement)).all() if said is not None}


async def find_version(session: AsyncSession, code: str, version: str) -> PluginVersionRow | None:
    statement = select(PluginVersionRow).where(
        col(PluginVersionRow.plugin_code) == code, col(PluginVersionRow.version) == version
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def find_by_digest(session: AsyncSession, digest: str) -> PluginVersionRow | None:
    """The version with this content; the digest covers its code and number, so there is one at most."""
    statement = select(PluginVersionRow).where(col(PluginVersionRow.digest) == digest)
    return (await session.execute(statement)).scalar_one_or_none()


async def find_exactly(session: AsyncSession, wanted: Iterable[tuple[str, str]]) -> list[PluginVersionRow]:
    """Versions by plugin code and version."""
    key = tuple_(col(PluginVersionRow.plugin_code), col(PluginVersionRow.version))
    return list((await session.execute(select(PluginVersionRow).where(key.in_(list(wanted))))).scalars())


async def find_summaries(session: AsyncSession, codes: Iterable[str]) -> list[VersionSummary]:
    """All versions of these plugins without their texts, the newest publication first."""
    statement = (
        select(
            col(PluginVersionRow.plugin_code),
            col(PluginVersionRow.version),
            col(PluginVersionRow.digest),
            col(PluginVersionRow.published_at),
            col(PluginVersionRow.published_by),
            col(VersionStandingRow.channel),
            col(VersionStandingRow.yank_message),
            col(VersionStandingRow.downloads),
        )
        .join(VersionStandingRow, col(VersionStandingRow.version_id) == col(PluginVersionRow.id))
        .where(col(PluginVersionRow.plugin_code).in_(list(codes)))
        .order_by(col(PluginVersionRow.id).desc())
    )
    return [VersionSummary(*row) for row in (await session.execute(statement)).all()]


async def find_described(session: AsyncSession, code: str, version: str) -> DescribedVersion:
    """Of a published version."""
    row = PluginVersionRow
    statement = select(col(row.digest), col(row.manifest), col(row.readme)).where(
        col(row.plugin_code) == code, col(row.version) == version
    )
    return DescribedVersion(*(await session.execute(statement)).one())


async def find_kept(session: AsyncSession, code: str, version: str) -> KeptVersion:
    """Of a published version."""
    row = PluginVersionRow
    statement = select(col(row.digest), col(row.manifest), col(row.promises)).where(
        col(row.plugin_code) == code, col(row.version) == version
    )
    return KeptVersion(*(await session.execute(statement)).one())


async def versions_of(session: AsyncSession, code: str) -> list[str]:
    """Every published number, in no order."""
    statement = select(col(PluginVersionRow.version)).where(col(PluginVersionRow.plugin_code) == code)
    return list((await session.execute(statement)).scalars())


async def newest_versions(session: AsyncSession, codes: Iterable[str]) -> dict[str, str]:
    """The highest version of each plugin, as the catalogue shows it."""
    statement = select(col(PluginRow.code), col(PluginRow.latest_version)).where(col(PluginRow.code).in_(list(codes)))
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def archive_of_version(session: AsyncSession, code: str, version: str) -> bytes:
    """The package of a published version."""
    statement = (
        select(col(PluginArchiveRow.content))
        .join(PluginVersionRow, col(PluginVersionRow.id) == col(PluginArchiveRow.version_id))
        .where(col(PluginVersionRow.plugin_code) == code, col(PluginVersionRow.version) == version)
    )
    return (await session.execute(statement)).scalar_one()
