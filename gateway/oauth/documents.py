"""Public OAuth documents that take a look into the database, kept for a moment: anybody may ask, however often."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiocache import SimpleMemoryCache
from aiocache.lock import RedLock

from gateway.oauth.keys.keyring import SigningKeyring, jwk_set
from gateway.oauth.metadata import openid_configuration, protected_resource_metadata
from gateway.registry.repository import find_system
from kernel.contracts.components import ComponentDirectory
from kernel.db.database import Database
from kernel.errors import NotFound
from kernel.ids import new_id

SECONDS = 5
_LEASE_SECONDS = 2.0


class PublicDocuments:
    """Kept for five seconds; many who ask at once share one look.

    Args:
        registers: clients may register themselves.
    """

    def __init__(
        self,
        database: Database,
        keyring: SigningKeyring,
        components: ComponentDirectory,
        issuer: str,
        *,
        registers: bool,
    ) -> None:
        self._registers = registers
        self._database = database
        self._keyring = keyring
        self._components = components
        self._issuer = issuer
        self._kept = SimpleMemoryCache(namespace=new_id(), ttl=SECONDS)

    async def jwks(self) -> dict[str, Any]:
        """The public keys of our tokens (RFC 7517)."""
        return await self._get("jwks", self._read_jwks)

    async def protected_resource(self) -> dict[str, Any]:
        """RFC 9728."""
        return await self._get("protected-resource", self._read_protected_resource)

    async def protected_system(self, system: str) -> dict[str, Any]:
        """RFC 9728 of one system; raises NotFound."""

        async def read() -> dict[str, Any]:
            async with self._database.reading() as session:
                if await find_system(session, system) is None:
                    raise NotFound(f"There is no system {system}")
                scopes = await self._components.known_scopes(session)
            own = frozenset(scope for scope in scopes if scope.startswith((f"{system}:", f"{system}.")))
            return protected_resource_metadata(self._issuer, own, f"{self._issuer}/api/{system}")

        return await self._get(f"system {system}", read)

    async def openid_configuration(self) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0 §3."""
        return await self._get("openid-configuration", self._read_openid_configuration)

    async def _get(self, name: str, read: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        kept: dict[str, Any] | None = await self._kept.get(name)
        if kept is None:
            async with RedLock(self._kept, name, _LEASE_SECONDS):
                kept = await self._kept.get(name)
                if kept is None:
                    kept = await read()
                    await self._kept.set(name, kept)
        return kept

    async def _read_jwks(self) -> dict[str, Any]:
        async with self._database.reading() as session:
            return jwk_set(await self._keyring.public_keys(session))

    async def _read_protected_resource(self) -> dict[str, Any]:
        async with self._database.reading() as session:
            return protected_resource_metadata(self._issuer, await self._components.known_scopes(session))

    async def _read_openid_configuration(self) -> dict[str, Any]:
        async with self._database.reading() as session:
            keys = await self._keyring.public_keys(session)
        return openid_configuration(self._issuer, [key.alg for key in keys], registers=self._registers)
