"""The connections of one origin, kept for reuse, last used first."""

import asyncio
import select
import ssl
from collections import deque

from kernel.transport.addresses import AddressPolicy, resolve
from kernel.transport.connection import Connection
from kernel.transport.errors import ConnectError, ConnectFailed, ConnectTimeout, PoolFull
from kernel.transport.limits import Limits
from kernel.transport.origin import Origin

_LOOKED_AT_AFTER = 0.02


class Pool:
    """Belongs to one event loop. ``take`` a free connection or ``open`` one; it comes back by itself."""

    __slots__ = ("_free", "_limits", "_opening", "_policy", "_tls", "connections", "origin")

    def __init__(self, origin: Origin, policy: AddressPolicy, limits: Limits, tls: ssl.SSLContext | None) -> None:
        self.origin = origin
        self.connections: set[Connection] = set()
        self._free: deque[Connection] = deque()
        self._opening = 0
        self._policy = policy
        self._limits = limits
        self._tls = tls

    def take(self, now: float) -> Connection | None:
        """A free connection that, as far as can be known, the upstream still keeps."""
        free = self._free
        while free:
            connection = free.pop()
            transport = connection.transport
            if transport is None or transport.is_closing():
                continue
            idle = now - connection.last_activity
            if idle < _LOOKED_AT_AFTER or (idle < self._limits.idle and not _has_news(connection.descriptor)):
                return connection
            connection.close()
        return None

    async def open(self, seconds: float) -> Connection:
        """A new connection to an address the policy permits; raises a ConnectError."""
        if len(self.connections) + self._opening >= self._limits.connections_per_origin:
            raise PoolFull(f"all {self._limits.connections_per_origin} connections to {self.origin} are in use")
        self._opening += 1
        try:
            async with asyncio.timeout(seconds):
                return await self._dial()
        except TimeoutError as problem:
            raise ConnectTimeout(f"no connection to {self.origin} within {seconds} s") from problem
        finally:
            self._opening -= 1

    async def _dial(self) -> Connection:
        loop = asyncio.get_running_loop()
        failure: ConnectError | None = None
        for address in await resolve(self.origin, self._policy):
            try:
                _, connection = await loop.create_connection(
                    lambda: Connection(self, self._limits, loop),
                    address,
                    self.origin.port,
                    ssl=self._tls,
                    server_hostname=self.origin.host if self._tls is not None else None,
                )
            except ssl.SSLError as problem:
                failure = ConnectFailed(f"{self.origin}: TLS failed: {problem.reason or type(problem).__name__}")
            except OSError as problem:
                failure = ConnectFailed(f"{self.origin}: {problem.strerror or type(problem).__name__}")
            else:
                self.connections.add(connection)
                return connection
        raise failure or ConnectFailed(f"{self.origin}: no address answered")

    def on_free(self, connection: Connection) -> None:
        self._free.append(connection)
        if len(self._free) > self._limits.idle_per_origin:
            self._free.popleft().close()

    def on_lost(self, connection: Connection) -> None:
        self.connections.discard(connection)

    def sweep(self, now: float) -> None:
        """Fails exchanges whose time is over, closes connections that were free for too long."""
        for connection in tuple(self.connections):
            connection.check_time(now)
        free = self._free
        while free and (_is_lost(free[0]) or now - free[0].last_activity >= self._limits.idle):
            free.popleft().close()

    def close(self) -> None:
        for connection in tuple(self.connections):
            connection.close()
        self._free.clear()


def _is_lost(connection: Connection) -> bool:
    return connection.transport is None or connection.transport.is_closing()


def _has_news(descriptor: int) -> bool:
    """Whether an unused connection became readable: the upstream ended it, or sent what nobody asked for."""
    if descriptor < 0:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
