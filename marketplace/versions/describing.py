"""What the catalogue shows of a plugin, and finds it by, is what its latest version says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.package.manifest import Manifest
from marketplace.search.indexing import forget_plugin, index_plugin
from marketplace.versions.manifests import ManifestCache
from marketplace.versions.models import PluginRow
from marketplace.versions.ranking import Candidate, latest_by_channel, latest_version
from marketplace.versions.repository import find_described


@dataclass(frozen=True, slots=True)
class Described:
    """What a version says of its plugin."""

    manifest: Manifest
    readme: str


async def describe_by_latest(
    session: AsyncSession,
    plugin: PluginRow,
    candidates: Sequence[Candidate],
    manifests: ManifestCache,
    made: Described | None = None,
) -> None:
    """Chooses the latest version anew; a plugin all of whose versions are yanked keeps its texts and is not found.

    Args:
        candidates: all of its versions.
        made: the one that was just published, which need not be read again.
    """
    latest = latest_version(candidates)
    plugin.is_hidden = latest is None
    if latest is None:
        plugin.kind = ""
        await forget_plugin(session, plugin.id)
        return
    if made is None or made.manifest.version != latest:
        version = await find_described(session, plugin.code, latest)
        made = Described(manifests.manifest_of(version), version.readme)
    for name, value in description_of(made.manifest).items():
        setattr(plugin, name, value)
    await session.flush()
    await index_plugin(session, plugin.id, made.manifest, made.readme, latest_by_channel(candidates))


def description_of(manifest: Manifest) -> dict[str, Any]:
    """The columns of a plugin that its latest version fills."""
    return {
        "name": manifest.name.model_dump(),
        "description": manifest.description.model_dump(),
        "tags": list(manifest.tags),
        "kind": manifest.kind.value,
        "requires": manifest.requires.trunkline if manifest.requires is not None else None,
        "latest_version": manifest.version,
    }
