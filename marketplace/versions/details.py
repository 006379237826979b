"""A version with everything that was said of it since."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.advisories.models import AdvisoryRow
from marketplace.advisories.repository import affecting, standing_advisories
from marketplace.versions.models import PluginVersionRow, VersionStandingRow
from marketplace.versions.repository import find_plugin
from marketplace.versions.standing.repository import standing_of


@dataclass(frozen=True, slots=True)
class VersionDetails:
    """Attributes:
    deprecation: of its plugin.
    advisories: those that hold for this version now.
    """

    version: PluginVersionRow
    standing: VersionStandingRow
    deprecation: dict[str, str | None] | None
    advisories: list[AdvisoryRow]


async def details_of(session: AsyncSession, version: PluginVersionRow) -> VersionDetails:
    plugin = await find_plugin(session, version.plugin_code)
    known = await standing_advisories(session, [version.plugin_code])
    return VersionDetails(
        version,
        await standing_of(session, version.id),
        plugin.deprecation if plugin is not None else None,
        affecting(known[version.plugin_code], version.version),
    )
