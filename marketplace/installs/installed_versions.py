"""Is this version installed here, and with which consent? Asked before every node."""

from dataclasses import dataclass

from kernel.db.database import Database
from marketplace.installs.repository import find_one_with_version
from marketplace.lookups.timed_cache import TimedCache
from marketplace.package.manifest import Manifest
from marketplace.versions.manifests import ManifestCache

_SECONDS = 2.0
"""How long another process may still run what was uninstalled here."""


@dataclass(frozen=True, slots=True)
class InstalledVersion:
    """Attributes:
    scopes: what the project consented to.
    """

    digest: str
    manifest: Manifest
    scopes: frozenset[str]


class InstalledVersions:
    def __init__(self, database: Database, manifests: ManifestCache) -> None:
        self._database = database
        self._manifests = manifests
        self._cache = TimedCache(self._load, seconds=_SECONDS)

    async def find(self, project_id: str, plugin: str, version: str) -> InstalledVersion | None:
        key = (project_id, plugin, version)
        found = await self._cache.get(key)
        if found is None:
            # Not kept: another process may install it any moment, and whoever did so retries at once.
            self._cache.forget(key)
        return found

    def forget(self, project_id: str, plugin: str, version: str) -> None:
        """For the moment an install or its removal has committed."""
        self._cache.forget((project_id, plugin, version))

    async def _load(self, key: tuple[str, str, str]) -> InstalledVersion | None:
        async with self._database.reading() as session:
            found = await find_one_with_version(session, *key)
        if found is None:
            return None
        install, version = found
        return InstalledVersion(version.digest, self._manifests.manifest_of(version), frozenset(install.scopes))
