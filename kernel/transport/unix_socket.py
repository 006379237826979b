"""A server of this machine at a Unix socket: whoever may open the socket may dial it, so no address is looked at."""

import asyncio
import ssl
from collections.abc import Callable

from kernel.transport.connection import Connection
from kernel.transport.origin import Origin


class UnixSocket:
    """What `Addresses` are for names: one path, whatever the origin is called."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __call__(self, origin: Origin) -> "UnixSocket":  # noqa: ARG002  a `MakeDialling`
        return self

    async def in_turn(self, now: float) -> list[str]:  # noqa: ARG002  a `Dialling`
        return [self._path]

    async def connect(
        self,
        make: Callable[[], Connection],
        address: str,
        tls: ssl.SSLContext | None,  # noqa: ARG002  nobody listens on the way
    ) -> Connection:
        _, connection = await asyncio.get_running_loop().create_unix_connection(make, address)
        return connection

    def lacks(self, address: str) -> bool:  # noqa: ARG002  a `Dialling`
        return False

    def refresh(self, now: float) -> None:
        """The path stays."""

    def close(self) -> None:
        """Nothing is under way."""
