"""What identity providers publish of themselves (OpenID Connect Discovery), fetched carefully and kept for a while."""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from aiocache import SimpleMemoryCache
from aiocache.lock import RedLock
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kernel.ids import new_id
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import AddressDenied, TransportError
from kernel.transport.limits import Timeouts

METADATA_SECONDS: Final = 600
KEYS_SECONDS: Final = 300
_BETWEEN_RENEWALS: Final = 10
_LEASE_SECONDS: Final = 15.0
_LONGEST: Final = 1024 * 1024
_TIMEOUTS: Final = Timeouts(connect=3.0, read=5.0, total=10.0)
_GOOD: Final = 200

Kept = TypeVar("Kept")


class ProviderUnusable(Exception):
    """The provider can't be asked, or what it says of itself is wrong. The message is for people."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Attributes:
    sends_issuer: whether its answers say from whom they are (RFC 9207).
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    token_auth_methods: tuple[str, ...]
    sends_issuer: bool


class ProviderHttp:
    """Requests to identity providers. Inner addresses are dialled only where an operator listed the origin."""

    def __init__(self, allowed_origins: Iterable[str]) -> None:
        self._policy = AddressPolicy.allowing(allowed_origins)

    async def request(
        self, method: str, url: str, headers: Iterable[tuple[bytes, bytes]] = (), body: bytes = b""
    ) -> tuple[int, Any]:
        """Status and JSON; redirects are not followed. Raises ProviderUnusable."""
        host = urlsplit(url).netloc
        client = TransportClient(self._policy)
        try:
            response = await client.request(
                method, url, headers=((b"accept", b"application/json"), *headers), body=body, timeouts=_TIMEOUTS
            )
            text = await response.read(_LONGEST)
        except AddressDenied as error:
            raise ProviderUnusable(
                f"{host} is an inner address; list its origin in TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS"
            ) from error
        except TransportError as error:
            raise ProviderUnusable(f"{host} does not answer: {error}") from error
        finally:
            await client.aclose()
        try:
            return response.status, json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ProviderUnusable(f"{host} answered {response.status} and no JSON") from error


class ProviderDocuments:
    """Metadata kept for ten minutes, keys for five; many who ask at once share one look."""

    def __init__(self, http: ProviderHttp) -> None:
        self._http = http
        self._kept = SimpleMemoryCache(namespace=new_id())

    async def metadata(self, issuer: str) -> Metadata:
        """Raises ProviderUnusable."""

        async def read() -> Metadata:
            address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
            return read_metadata(await self._document(address), issuer)

        return await self._get(f"metadata {issuer}", METADATA_SECONDS, read)

    async def keys(self, metadata: Metadata, *, renewed: bool = False) -> KeySet:
        """The provider's keys; `renewed` looks again, though not more often than every ten seconds.

        Raises:
            ProviderUnusable
        """

        async def read() -> KeySet:
            return read_keys(await self._document(metadata.jwks_uri))

        name = f"keys {metadata.jwks_uri}"
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


def read_metadata(document: Any, issuer: str) -> Metadata:
    """Raises ProviderUnusable, also when it speaks of another issuer than was asked (Discovery §4.3)."""
    if not isinstance(document, dict):
        raise ProviderUnusable(f"{issuer} publishes no metadata")
    if document.get("issuer") != issuer:
        raise ProviderUnusable(f"{issuer} says that it is {str(document.get('issuer'))[:200]}; use exactly that issuer")
    methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_address(document, "authorization_endpoint", issuer),
        token_endpoint=_address(document, "token_endpoint", issuer),
        jwks_uri=_address(document, "jwks_uri", issuer),
        userinfo_endpoint=_address(document, "userinfo_endpoint", issuer) if "userinfo_endpoint" in document else None,
        end_session_endpoint=_address(document, "end_session_endpoint", issuer)
        if "end_session_endpoint" in document
        else None,
        token_auth_methods=tuple(str(method) for method in methods) if isinstance(methods, list) else (),
        sends_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


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


def _address(document: dict[str, Any], name: str, issuer: str) -> str:
    """An address of the metadata; what is reached by TLS must not be left for what isn't."""
    value = document.get(name)
    is_secure = isinstance(value, str) and value.startswith("https://")
    is_plain = isinstance(value, str) and value.startswith("http://") and issuer.startswith("http://")
    if not isinstance(value, str) or not (is_secure or is_plain):
        raise ProviderUnusable(f"{issuer} has no usable {name}")
    return value
