"""What identity providers publish of themselves (OpenID Connect Discovery), fetched carefully and kept for a while."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from aiocache import SimpleMemoryCache
from aiocache.lock import RedLock
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kernel.ids import new_id
from kernel.oidc.provider_http import ProviderHttp, ProviderUnusable

CONFIGURATION_SECONDS: Final = 600
KEYS_SECONDS: Final = 300
_BETWEEN_RENEWALS: Final = 10
_LEASE_SECONDS: Final = 15.0
_GOOD: Final = 200

Kept = TypeVar("Kept")


class IssuerDocuments:
    """Configurations kept for ten minutes, keys for five; many who ask at once share one look."""

    def __init__(self, http: ProviderHttp) -> None:
        self._http = http
        self._kept = SimpleMemoryCache(namespace=new_id())

    async def configuration(self, issuer: str) -> dict[str, Any]:
        """What an issuer says of itself; the address of its keys is among it.

        Raises:
            ProviderUnusable: also when it speaks of another issuer than was asked (Discovery §4.3).
        """

        async def read() -> dict[str, Any]:
            address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            return read_configuration(await self._document(address), issuer)

        return await self._get(f"configuration {issuer}", CONFIGURATION_SECONDS, read)

    async def keys(self, jwks_uri: str, *, renewed: bool = False) -> KeySet:
        """The keys at an address of an issuer's configuration; `renewed` looks again, though not more often than every
        ten seconds.

        Raises:
            ProviderUnusable
        """

        async def read() -> KeySet:
            return read_keys(await self._document(jwks_uri))

        name = f"keys {jwks_uri}"
        if renewed and await self._may_renew(name):
            await self._kept.delete(name)
        return await self._get(name, KEYS_SECONDS, read)

    async def _may_renew(self, name: str) -> bool:
        mark = f"renewed {name}"
        if await self._kept.exists(mark):
            return False
        await self._kept.set(mark, 1, ttl=_BETWEEN_RENEWALS)
        return True

    async def _document(self, url: str) -> Any:
        status, document = await self._http.request("GET", url)
        if status != _GOOD:
            raise ProviderUnusable(f"{url} answers {status}")
        return document

    async def _get(self, name: str, seconds: int, read: Callable[[], Awaitable[Kept]]) -> Kept:
        kept: Kept | None = await self._kept.get(name)
        if kept is None:
            async with RedLock(self._kept, name, _LEASE_SECONDS):
                kept = await self._kept.get(name)
                if kept is None:
                    kept = await read()
                    await self._kept.set(name, kept, ttl=seconds)
        return kept


def read_configuration(document: Any, issuer: str) -> dict[str, Any]:
    """Raises ProviderUnusable."""
    if not isinstance(document, dict):
        raise ProviderUnusable(f"{issuer} publishes no metadata")
    if document.get("issuer") != issuer:
        raise ProviderUnusable(f"{issuer} says that it is {str(document.get('issuer'))[:200]}; use exactly that issuer")
    address_in(document, "jwks_uri", issuer)
    return document


def address_in(document: dict[str, Any], name: str, issuer: str) -> str:
    """An address of the metadata; what is reached by TLS must not be left for what isn't."""
    value = document.get(name)
    is_secure = isinstance(value, str) and value.startswith("https://")
    is_plain = isinstance(value, str) and value.startswith("http://") and issuer.startswith("http://")
    if not isinstance(value, str) or not (is_secure or is_plain):
        raise ProviderUnusable(f"{issuer} has no usable {name}")
    return value


def read_keys(document: Any) -> KeySet:
    """Raises ProviderUnusable. Keys that are no signature keys of a known kind are left out."""
    keys = document.get("keys") if isinstance(document, dict) else None
    usable = [key for key in keys or () if isinstance(key, dict) and key.get("use", "sig") == "sig" and _is_public(key)]
    found = [key for each in usable for key in _imported(each)]
    if not found:
        raise ProviderUnusable("the provider publishes no keys to verify with")
    return KeySet(found)


def _imported(key: dict[str, Any]) -> list[Any]:
    try:
        return list(KeySet.import_key_set({"keys": [key]}).keys)
    except (JoseError, ValueError, KeyError, TypeError):
        return []


def _is_public(key: dict[str, Any]) -> bool:
    return key.get("kty") in {"RSA", "EC", "OKP"}
