"""Published packages, handed out as they came."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.package.archive import read_archive
from marketplace.package.limits import SCREENSHOTS
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.models import PluginVersionRow
from marketplace.versions.repository import archive_of_version, find_by_digest, find_version
from marketplace.versions.standing.repository import count_download, standing_of


@dataclass(frozen=True, slots=True)
class PublishedPackage:
    version: PluginVersionRow
    archive: bytes


class PackageService:
    """Counts what it hands out. Yanked versions too: who has one installed may need it again."""

    async def of_version(self, session: AsyncSession, code: str, version: str) -> PublishedPackage:
        """Raises:
        PluginUnknown: no such plugin or version.
        """
        found = await find_version(session, code, version)
        if found is None:
            raise PluginUnknown(f"There is no version {version!r} of a plugin {code!r}")
        return await self._handed_out(session, found)

    async def of_digest(self, session: AsyncSession, digest: str) -> PublishedPackage:
        """Raises:
        PluginUnknown: nothing published has this content.
        """
        found = await find_by_digest(session, digest)
        if found is None:
            raise PluginUnknown(f"Nothing that is published has the digest {digest}")
        return await self._handed_out(session, found)

    async def screenshot(self, session: AsyncSession, code: str, version: str, name: str) -> bytes:
        """One picture of a version.

        Raises:
            PluginUnknown: no such version, or picture.
        """
        found = await find_version(session, code, version)
        if found is None or name not in (await standing_of(session, found.id)).screenshots:
            raise PluginUnknown(f"There is no picture {name!r} of {code} {version}")
        archive = await archive_of_version(session, code, version)
        return read_archive(archive)[f"{SCREENSHOTS}{name}"]

    async def _handed_out(self, session: AsyncSession, version: PluginVersionRow) -> PublishedPackage:
        await count_download(session, version.id)
        archive = await archive_of_version(session, version.plugin_code, version.version)
        return PublishedPackage(version, archive)
