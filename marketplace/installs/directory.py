"""What the orchestrator sees of installs: `kernel.contracts.plugin_directory`."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.plugin_directory import InstalledPlugin
from marketplace.installs.repository import find_installs_in, find_with_versions
from marketplace.package.manifest import Manifest
from marketplace.policies.repository import find_standing
from marketplace.policies.rules import Facts
from marketplace.publishers.marks import verified_among
from marketplace.versions.manifests import ManifestCache


class InstalledPlugins:
    """Implements `PluginDirectory`."""

    def __init__(self, manifests: ManifestCache) -> None:
        self._manifests = manifests

    async def installed(self, session: AsyncSession, project_id: str) -> list[InstalledPlugin]:
        standing = await find_standing(session, project_id)
        found: list[InstalledPlugin] = []
        installed = [
            (install, self._manifests.manifest_of(version), signers)
            for install, version, signers in await find_with_versions(session, project_id)
        ]
        verified = await verified_among(session, {manifest.publisher for _, manifest, _ in installed})
        for install, manifest, signers in installed:
            refusal = standing.refusal(Facts.of(manifest, signers, verified))
            found.append(installed_plugin(manifest, frozenset(install.scopes), refusal))
        return found

    async def consented(self, session: AsyncSession, project_id: str) -> Mapping[tuple[str, str], frozenset[str]]:
        installs = await find_installs_in(session, project_id)
        return {(install.plugin, install.version): frozenset(install.scopes) for install in installs}


def installed_plugin(manifest: Manifest, scopes: frozenset[str], refusal: str | None = None) -> InstalledPlugin:
    return InstalledPlugin(
        code=manifest.code,
        version=manifest.version,
        name=manifest.name.model_dump(),
        inputs=manifest.inputs,
        outputs=manifest.outputs,
        scopes=scopes,
        refusal=refusal,
    )
