"""Asking identity providers."""

import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import AddressDenied, TransportError
from kernel.transport.limits import Timeouts

_LONGEST: Final = 1024 * 1024
_TIMEOUTS: Final = Timeouts(connect=3.0, read=5.0, total=10.0)


class ProviderUnusable(Exception):
    """The provider can't be asked, or what it says of itself is wrong. The message is for people."""


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
