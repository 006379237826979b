"""Public keys of clients that sign: those in their settings, or those at the address their settings name."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiocache import SimpleMemoryCache
from aiocache.lock import RedLock

from gateway.oauth.clients.checks import MOST_KEYS
from gateway.oauth.clients.settings import ClientSettings
from kernel.errors import Invalid
from kernel.ids import new_id

KEPT_SECONDS: Final = 300
PAUSE_SECONDS: Final = 30
"""How long nothing is fetched again because a key is not among those that were fetched."""

_LEASE_SECONDS = 35.0

Fetch = Callable[[str, str], Awaitable[str]]
Keys = tuple[dict[str, Any], ...]


class ClientKeys:
    """Keys that were fetched are kept for five minutes; many who ask at once share one fetch.

    Args:
        fetch: the text at (an address, the name of the field that holds it); raises Invalid. Addresses inside our
            network are its to refuse.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._kept = SimpleMemoryCache(namespace=new_id(), ttl=KEPT_SECONDS)

    async def of(self, settings: ClientSettings, *, afresh: bool = False) -> Keys:
        """The client's keys as JWKs; none when they can't be had.

        Args:
            afresh: those we have don't do; they are fetched again unless that was done just now.
        """
        if settings.jwks_uri is None:
            return read_keys(settings.jwks) if not afresh else ()
        uri = settings.jwks_uri
        found = await self._known(uri, afresh=afresh)
        if found is None:
            async with RedLock(self._kept, uri, _LEASE_SECONDS):
                found = await self._known(uri, afresh=afresh)
                if found is None:
                    found = await self._fetched(uri)
                    await self._kept.set(uri, (time.monotonic(), found))
        return found

    async def _known(self, uri: str, *, afresh: bool) -> Keys | None:
        kept: tuple[float, Keys] | None = await self._kept.get(uri)
        if kept is None or (afresh and kept[0] + PAUSE_SECONDS < time.monotonic()):
            return None
        return kept[1]

    async def _fetched(self, uri: str) -> Keys:
        try:
            return read_keys(json.loads(await self._fetch(uri, "jwks_uri")))
        except (Invalid, ValueError, RecursionError):
            return ()


def read_keys(jwks: object) -> Keys:
    """The keys of a JWK set (RFC 7517 §5), as far as they are objects."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list):
        return ()
    return tuple(key for key in keys[:MOST_KEYS] if isinstance(key, dict))
