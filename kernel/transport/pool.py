"""The connections of one origin, kept for reuse, last used first."""

import asyncio
import select
import ssl
from collections import deque
from collections.abc import Callable
from typing import Final

from kernel.transport.coalescing import Outbox
from kernel.transport.connection import Connection
from kernel.transport.dialling import Dialling
from kernel.transport.errors import ConnectError, ConnectFailed, ConnectTimeout, PoolFull
from kernel.transport.limits import Limits
from kernel.transport.origin import Origin
from kernel.transport.patience import Patience

_LOOKED_AT_AFTER: Final = 0.02

MakeTls = Callable[[], ssl.SSLContext]


class Pool:
    """Belongs to one event loop. ``take`` a free connection or ``open`` one; it comes back by itself.

    ``make_tls`` makes the context of https, when the first connection is opened.
    """

    __slots__ = (
        "_addresses", "_free", "_left", "_limits", "_make_tls", "_opening", "_outbox", "_tls", "connections", "origin",
        "patience",
    )  # fmt: skip

    def __init__(
        self, origin: Origin, dialling: Dialling, limits: Limits, make_tls: MakeTls | None, outbox: Outbox
    ) -> None:
        self.origin = origin
        self.connections: dict[Connection, str] = {}
        self._addresses = dialling
        self._free: deque[Connection] = deque()
        self._left: set[Connection] = set()
        self._opening = 0
        self._limits = limits
        self._make_tls = make_tls
        self._outbox = outbox
        self.patience = Patience(limits.idle)
        self._tls: ssl.SSLContext | None = None

    @property
    def is_unused(self) -> bool:
        return not self.connections and not self._opening

    def take(self, now: float, *, may_repeat: bool = True) -> Connection | None:
        """A free connection that, as far as can be known, the upstream still keeps.

        A request that ``may_repeat`` does no harm when that is wrong; any other takes only one that the upstream's
        patience is sure for, so that it never meets an upstream just about to close.
        """
        free, patience = self._free, self.patience
        while free:
            connection = free.pop()
            transport = connection.transport
            if transport is None or transport.is_closing():
                continue
            idle = now - connection.last_activity
            if idle < _LOOKED_AT_AFTER:
                return connection
            if not may_repeat and patience.is_sure_for <= idle < patience.idle:
                free.append(connection)  # good enough for others; all that remain are older
                return None
            if idle < patience.idle:
                if not _has_news(connection.descriptor):
                    return connection
                patience.saw_ended(idle, now)
            connection.close()
        return None

    async def open(self, seconds: float) -> Connection:
        """A new connection to an address the policy permits; raises a ConnectError."""
        if len(self.connections) + self._opening >= self._limits.connections_per_origin:
            raise PoolFull(f"all {self._limits.connections_per_origin} connections to {self.origin} are in use")
        self._opening += 1
        try:
            async with asyncio.timeout(seconds):
                return await self._dial(seconds)
        except TimeoutError as problem:
            raise ConnectTimeout(f"no connection to {self.origin} within {seconds} s") from problem
        finally:
            self._opening -= 1

    async def _dial(self, seconds: float) -> Connection:
        if self._make_tls is not None and self._tls is None:
            try:
                self._tls = await asyncio.to_thread(self._make_tls)
            except ValueError as problem:
                raise ConnectFailed(f"{self.origin}: {problem}") from problem
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        failure: ConnectError | None = None
        addresses = await self._addresses.in_turn(loop.time())
        for place, address in enumerate(addresses, 1):
            # One that says nothing must leave time for the others.
            patience = (deadline - loop.time()) / (2 if place < len(addresses) else 1)
            try:
                async with asyncio.timeout(patience):
                    connection = await self._connect(loop, address)
            except ssl.SSLError as problem:
                failure = ConnectFailed(f"{self.origin}: TLS failed: {problem.reason or type(problem).__name__}")
            except TimeoutError:
                failure = ConnectTimeout(f"no connection to {self.origin} within {seconds} s")
            except OSError as problem:
                failure = ConnectFailed(f"{self.origin}: {problem.strerror or type(problem).__name__}")
            else:
                self.connections[connection] = address
                return connection
        raise failure or ConnectFailed(f"{self.origin}: no address answered")

    async def _connect(self, loop: asyncio.AbstractEventLoop, address: str) -> Connection:
        return await self._addresses.connect(
            lambda: Connection(self, self._limits, loop, self._outbox), address, self._tls
        )

    def on_free(self, connection: Connection) -> None:
        if self._left and connection in self._left:
            connection.close()
            return
        self._free.append(connection)
        if len(self._free) > self._limits.idle_per_origin:
            self._free.popleft().close()

    def on_lost(self, connection: Connection) -> None:
        self.connections.pop(connection, None)
        self._left.discard(connection)

    def sweep(self, now: float) -> None:
        """Fails exchanges whose time is over, closes connections that were free for too long or lead nowhere now."""
        for connection, address in tuple(self.connections.items()):
            connection.check_time(now)
            if self._addresses.lacks(address):
                self._left.add(connection)
        free = self._free
        while free and (_is_lost(free[0]) or now - free[0].last_activity >= self.patience.idle):
            free.popleft().close()
        if free:
            self.patience.saw_kept(now - free[0].last_activity, now)
        if self._left:
            for connection in self._left.intersection(free):
                free.remove(connection)
                connection.close()
        if self.connections:
            self._addresses.refresh(now)

    def close(self) -> None:
        self._addresses.close()
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
