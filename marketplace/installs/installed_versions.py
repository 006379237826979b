"""Is this version installed here, with which consent, and may it run? Asked before every node."""

from dataclasses import dataclass

from kernel.db.database import Database
from kernel.timed_cache import TimedCache
from marketplace.installs.repository import find_one_with_version
from marketplace.package.manifest import Manifest
from marketplace.policies.repository import find_standing
from marketplace.policies.rules import Facts
from marketplace.publishers.marks import verified_among
from marketplace.versions.manifests import ManifestCache

_SECONDS = 2.0
"""How long another process may still run what was uninstalled, denied or switched off here."""


@dataclass(frozen=True, slots=True)
class InstalledVersion:
    """Attributes:
    scopes: what the project consented to.
    refusal: why it may not run; none where it may.
    """

    digest: str
    manifest: Manifest
    scopes: frozenset[str]
    refusal: str | None = None


class InstalledVersions:
    def __init__(self, database: Database, manifests: ManifestCache) -> None:
        self._database = database
        self._manifests = manifests
        self._cache = TimedCache(self._load, seconds=_SECONDS)

    async def find(self, project_id: str, plugin: str, version: str) -> InstalledVersion | None:
        key = (project_id, plugin, version)
        found = await self._cache.get(key)
        if found is None or found.refusal is not None:
            # Not kept: another process may install or allow it any moment, and whoever did so retries at once.
            self._cache.forget(key)
        return found

    def forget(self, project_id: str, plugin: str, version: str) -> None:
        """For the moment an install or its removal has committed."""
        self._cache.forget((project_id, plugin, version))

    def forget_all(self) -> None:
        """For the moment a change of policies has committed."""
        self._cache.clear()

    async def _load(self, key: tuple[str, str, str]) -> InstalledVersion | None:
        async with self._database.reading() as session:
            found = await find_one_with_version(session, *key)
            if found is None:
                return None
            standing = await find_standing(session, key[0])
            install, version, signers = found
            manifest = self._manifests.manifest_of(version)
            verified = await verified_among(session, [manifest.publisher])
        refusal = standing.refusal(Facts.of(manifest, signers, verified))
        return InstalledVersion(version.digest, manifest, frozenset(install.scopes), refusal)
