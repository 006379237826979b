"""The client of the hot road: gives a request to a pooled connection and hands back the answer while it arrives."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from typing import Final

from kernel.transport.addresses import AddressPolicy
from kernel.transport.coalescing import Outbox
from kernel.transport.dialling import Addresses, MakeDialling
from kernel.transport.errors import InvalidRequest, UpstreamClosed
from kernel.transport.limits import DEFAULT_LIMITS, DEFAULT_TIMEOUTS, Limits, Timeouts
from kernel.transport.origin import Origin, parse_url
from kernel.transport.pool import Pool
from kernel.transport.request import SAFE_METHODS, Body, StreamedBody, encode_head
from kernel.transport.response import Response

_SWEEP_SECONDS: Final = 0.1


class TransportClient:
    """One per event loop; close it with ``aclose``. Redirects are not followed, bodies are not decompressed.

    TLS is verified against the system's authorities unless another context is given. ``dialling`` is for servers that
    are not found by their names; then there is nothing for ``policy`` to look at.
    """

    def __init__(
        self,
        policy: AddressPolicy | None = None,
        *,
        limits: Limits = DEFAULT_LIMITS,
        tls: ssl.SSLContext | None = None,
        dialling: MakeDialling | None = None,
    ) -> None:
        self._policy = policy or AddressPolicy()
        self._dialling = dialling or self._by_name
        self._limits = limits
        self._tls = tls
        self.outbox = Outbox()
        self._pools: dict[Origin, Pool] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[bytes, bytes]] = (),
        body: Body = b"",
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> Response:
        """Sends a request to an absolute address; the answer's body is still to be read, or closed.

        The Host and framing headers are written here; raises a TransportError.
        """
        origin, target = parse_url(url)
        return await self.request_of(origin, method, target, headers=headers, body=body, timeouts=timeouts)

    async def request_of(
        self,
        origin: Origin,
        method: str,
        target: str,
        *,
        headers: Iterable[tuple[bytes, bytes]] = (),
        body: Body = b"",
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> Response:
        """As ``request``, of an origin that is known."""
        framed = [*headers, *_framing(method, body)]
        head = encode_head(method, target, origin.authority, framed)
        return await self.send(origin, method, head, body, timeouts)

    async def send(
        self,
        origin: Origin,
        method: str,
        head: bytes,
        body: Body,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        *,
        fresh: bool = False,
    ) -> Response:
        """Sends a request whose head is ready (see ``request.encode_head``); raises a TransportError.

        A request is repeated only when its method is safe, its connection had served before, and that connection
        ended without one byte of an answer: the upstream closed it while it was unused. Nothing else is repeated,
        since it may have been processed. ``fresh`` has it sent over a connection that served nothing yet.
        """
        pool, now = self._pool_of(origin)
        deadline = None if timeouts.total is None else now + timeouts.total
        connection = None if fresh else pool.take(now, may_repeat=method in SAFE_METHODS)
        while True:
            if connection is None:
                connection = await pool.open(timeouts.connect)
                self._watch()
                _, now = self._pool_of(origin)
            response = connection.start(
                head, body, now=now, head_only=method == "HEAD", deadline=deadline, read_timeout=timeouts.read
            )
            try:
                await response.wait_for_head()
            except asyncio.CancelledError:
                response.close()
                raise
            if response.status:
                return response
            if not (response.was_stale and method in SAFE_METHODS and isinstance(body, bytes)):
                raise response.failure or UpstreamClosed("the upstream ended the connection")
            connection = None

    async def open_switch(self, origin: Origin, head: bytes, timeouts: Timeouts) -> Response:
        """Sends a request that offers to switch protocols, over a connection of its own; raises a TransportError.

        After a status of 101 ``Response.detach`` gives the connection; any other answer is read like every answer.
        """
        pool, _ = self._pool_of(origin)
        connection = await pool.open(timeouts.connect)
        self._watch()
        connection.offer_switch()
        _, now = self._pool_of(origin)
        response = connection.start(head, b"", now=now, head_only=False, deadline=None, read_timeout=timeouts.read)
        try:
            await response.wait_for_head()
        except asyncio.CancelledError:
            response.close()
            raise
        if not response.status:
            raise response.failure or UpstreamClosed("the upstream ended the connection")
        return response

    def send_at_once(
        self,
        origin: Origin,
        method: str,
        head: bytes,
        body: bytes,
        timeouts: Timeouts,
        watcher: Callable[[Response], None],
    ) -> Response | None:
        """Sends over a connection that is free now, without waiting; None when there is none, and nothing was sent.

        ``watcher`` is called with the response whenever something of it came; a failure is found there too. A stale
        connection (``Response.was_stale``) is the caller's to notice: ``send`` it again with ``fresh``.
        """
        pool = self._pools.get(origin)
        if pool is None or self._loop is None or self._closed:
            self._pool_of(origin)
            return None
        now = self._loop.time()
        connection = pool.take(now, may_repeat=method in SAFE_METHODS)
        if connection is None:
            return None
        total = timeouts.total
        return connection.start(
            head,
            body,
            now=now,
            head_only=method == "HEAD",
            deadline=None if total is None else now + total,
            read_timeout=timeouts.read,
            watcher=watcher,
        )

    async def aclose(self) -> None:
        """Closes every connection; exchanges still under way fail."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for pool in self._pools.values():
            pool.close()
        await asyncio.sleep(0)

    def counts(self) -> dict[str, int]:
        """Open connections per origin."""
        return {str(origin): len(pool.connections) for origin, pool in self._pools.items()}

    def _pool_of(self, origin: Origin) -> tuple[Pool, float]:
        """The origin's pool, and the loop's time."""
        pool = self._pools.get(origin) or self._open_pool(origin)
        loop = self._loop
        if loop is None or self._closed:
            raise InvalidRequest("the client is closed")
        return pool, loop.time()

    def _open_pool(self, origin: Origin) -> Pool:
        self._loop = self._loop or asyncio.get_running_loop()
        make_tls = None
        if origin.scheme == "https":
            make_tls = origin.tls.context if origin.tls is not None else self._usual_tls
        pool = self._pools[origin] = Pool(origin, self._dialling(origin), self._limits, make_tls, self.outbox)
        return pool

    def _by_name(self, origin: Origin) -> Addresses:
        return Addresses(origin, self._policy, self._limits.resolved_for)

    def _usual_tls(self) -> ssl.SSLContext:
        """The one that is shared by all upstreams without settings of their own."""
        tls = self._tls
        if tls is None:
            tls = self._tls = ssl.create_default_context()
        return tls

    def _watch(self) -> None:
        """One timer for all connections, instead of one for each exchange."""
        if self._sweeper is None and self._loop is not None and not self._closed:
            self._sweeper = self._loop.call_later(_SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        if self._loop is None:
            return
        now = self._loop.time()
        for origin, pool in tuple(self._pools.items()):
            pool.sweep(now)
            if origin.tls is not None and pool.is_unused:
                del self._pools[origin]  # its settings may have been replaced; the usual origins come back
        if any(pool.connections for pool in self._pools.values()):
            self._watch()


def _framing(method: str, body: Body) -> list[tuple[bytes, bytes]]:
    if isinstance(body, StreamedBody):
        if body.length is None:
            return [(b"transfer-encoding", b"chunked")]
        return [(b"content-length", b"%d" % body.length)]
    return [(b"content-length", b"%d" % len(body))] if body or method not in SAFE_METHODS else []
