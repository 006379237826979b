"""Which of a name's addresses is dialled next, and when it leads elsewhere: each is checked before it is dialled."""

import asyncio
import ipaddress
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from kernel.transport.addresses import AddressPolicy, resolve
from kernel.transport.errors import ConnectError
from kernel.transport.origin import Origin

if TYPE_CHECKING:
    from kernel.transport.connection import Connection


class Dialling(Protocol):
    """How a pool comes to its connections."""

    async def in_turn(self, now: float) -> list[str]:
        """The addresses to be tried, one after the other; raises a ConnectError."""
        ...

    async def connect(self, make: "Callable[[], Connection]", address: str, tls: ssl.SSLContext | None) -> "Connection":
        """Raises OSError, ssl.SSLError among them."""
        ...

    def lacks(self, address: str) -> bool:
        """Whether a connection to this address is to be given up."""
        ...

    def refresh(self, now: float) -> None: ...

    def close(self) -> None: ...


MakeDialling = Callable[[Origin], Dialling]


class Addresses:
    """The permitted addresses of one origin. Belongs to one event loop.

    The name is resolved for each connection, and every ``seconds`` for those there are: the system's resolver tells no
    time to live.
    """

    __slots__ = ("_found", "_is_name", "_policy", "_refreshing", "_seconds", "_stale_from", "_turn", "origin")

    def __init__(self, origin: Origin, policy: AddressPolicy, seconds: float) -> None:
        self.origin = origin
        self._policy = policy
        self._seconds = seconds
        self._is_name = _is_name(origin.host)
        self._found: list[str] = []
        self._stale_from = 0.0
        self._turn = 0
        self._refreshing: asyncio.Task[None] | None = None

    async def in_turn(self, now: float) -> list[str]:
        """All of them, beginning with another one each time; raises a ConnectError."""
        await self._resolve(now)
        found = self._found
        start = self._turn % len(found)
        self._turn += 1
        return found[start:] + found[:start]

    async def connect(self, make: "Callable[[], Connection]", address: str, tls: ssl.SSLContext | None) -> "Connection":
        """Raises OSError, ssl.SSLError among them."""
        name = None
        if tls is not None:
            name = (self.origin.tls.server_name if self.origin.tls is not None else "") or self.origin.host
        _, connection = await asyncio.get_running_loop().create_connection(
            make, address, self.origin.port, ssl=tls, server_hostname=name
        )
        return connection

    def lacks(self, address: str) -> bool:
        """Whether the name led to this address, and does no longer."""
        return address not in self._found

    def refresh(self, now: float) -> None:
        """Has the name resolved again when it is time, without anybody waiting for it."""
        if self._is_name and now >= self._stale_from and self._refreshing is None:
            self._refreshing = asyncio.get_running_loop().create_task(self._refresh(now), name="resolve")

    def close(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()

    async def _refresh(self, now: float) -> None:
        try:
            await self._resolve(now)
        except ConnectError:
            # Connections that work are better than none: they go on while the resolver is away.
            self._stale_from = now + self._seconds
        finally:
            self._refreshing = None

    async def _resolve(self, now: float) -> None:
        self._found = await resolve(self.origin, self._policy)
        self._stale_from = now + self._seconds


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False
