"""Where a version would stand: its plugin, and the versions there are."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.versions.models import PluginRow
from marketplace.versions.ranking import Candidate
from marketplace.versions.repository import find_plugin
from marketplace.versions.standing.repository import KnownVersion, known_versions, lock_plugin


@dataclass(frozen=True, slots=True)
class Place:
    """Attributes:
    plugin: none before its first version.
    versions: by number.
    """

    plugin: PluginRow | None
    versions: dict[str, KnownVersion]

    def candidates(self) -> list[Candidate]:
        return [Candidate(number, known.channel, known.is_yanked) for number, known in self.versions.items()]


async def place_of(session: AsyncSession, code: str, *, lock: bool) -> Place:
    """Args:
    lock: nobody else publishes a version of the plugin, or changes one, before the transaction ends.
    """
    plugin = await (lock_plugin(session, code) if lock else find_plugin(session, code))
    versions = await known_versions(session, code) if plugin is not None else []
    return Place(plugin, {known.version: known for known in versions})
