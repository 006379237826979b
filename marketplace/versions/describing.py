"""What the catalogue shows of a plugin, and finds it by, is what its latest version says."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.package.manifest import Manifest
from marketplace.search.indexing import forget_plugin, index_plugin
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginRow
from marketplace.versions.ranking import Candidate, latest_by_channel, latest_version
from marketplace.versions.repository import find_version
from marketplace.versions.standing.repository import standings_of


async def describe_by_latest(session: AsyncSession, plugin: PluginRow, manifests: ManifestCache) -> None:
    """Chooses the latest version anew; a plugin all of whose versions are yanked keeps its texts and is not found."""
    standings = (await standings_of(session, [plugin.code]))[plugin.code]
    candidates = [Candidate(number, each.channel, each.is_yanked) for number, each in standings]
    latest = latest_version(candidates)
    plugin.is_hidden = latest is None
    if latest is None:
        await forget_plugin(session, plugin.code)
        return
    version = await find_version(session, plugin.code, latest)
    if version is None:
        raise PluginUnknown(f"There is no version {latest!r} of a plugin {plugin.code!r}")
    manifest = manifests.manifest_of(version)
    for name, value in description_of(manifest).items():
        setattr(plugin, name, value)
    await session.flush()
    await index_plugin(session, manifest, version.readme, latest_by_channel(candidates))


def description_of(manifest: Manifest) -> dict[str, Any]:
    """The columns of a plugin that its latest version fills."""
    return {
        "name": manifest.name.model_dump(),
        "description": manifest.description.model_dump(),
        "tags": list(manifest.tags),
        "requires": manifest.requires.trunkline if manifest.requires is not None else None,
        "latest_version": manifest.version,
    }
