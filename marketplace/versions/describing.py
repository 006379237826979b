"""What the catalogue shows of a plugin is what its latest version says."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.package.manifest import Manifest
from marketplace.versions.errors import PluginUnknown
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginRow
from marketplace.versions.ranking import Candidate, latest_version
from marketplace.versions.repository import find_version
from marketplace.versions.standing.repository import standings_of


async def describe_by_latest(session: AsyncSession, plugin: PluginRow, manifests: ManifestCache) -> None:
    """Chooses the latest version anew; a plugin all of whose versions are yanked keeps its texts and is hidden."""
    standings = (await standings_of(session, [plugin.code]))[plugin.code]
    latest = latest_version(Candidate(number, each.channel, each.is_yanked) for number, each in standings)
    plugin.is_hidden = latest is None
    if latest is not None and latest != plugin.latest_version:
        version = await find_version(session, plugin.code, latest)
        if version is None:
            raise PluginUnknown(f"There is no version {latest!r} of a plugin {plugin.code!r}")
        for name, value in description_of(manifests.manifest_of(version)).items():
            setattr(plugin, name, value)
    await session.flush()


def description_of(manifest: Manifest) -> dict[str, Any]:
    """The columns of a plugin that its latest version fills."""
    name, description = manifest.name.model_dump(), manifest.description.model_dump()
    words = [manifest.code, *name.values(), *description.values(), *manifest.tags]
    return {
        "name": name,
        "description": description,
        "tags": list(manifest.tags),
        "search_text": "\n".join(words).lower(),
        "tag_text": "".join(f" {tag} " for tag in manifest.tags),
        "latest_version": manifest.version,
    }
